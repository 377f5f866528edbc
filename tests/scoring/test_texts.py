from scoring.texts import plain, without_thoughts


def test_one_alphabet_and_no_decoration():
    assert plain("  **Ｏption：**【Ａ】\n\n `x`   y ") == "Option:[A]\nx y"


def test_thoughts_are_not_what_was_said():
    assert without_thoughts("<think>a</think>b") == "b"
    assert without_thoughts("a</think>b") == "b"
    assert without_thoughts("b<thinking>a") == "b"
    assert without_thoughts("<think>a</think><think>b</think>c") == "c"
