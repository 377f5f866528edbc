from rehearsal.markup import parse


def test_elements_are_found_by_tag_class_and_attribute():
    page = parse('<div class="card good" id="a"><p>One</p></div><div class="card"><p>Two</p></div>')

    assert [element.text for element in page.all("div", cls="card")] == ["One", "Two"]
    assert page.first(cls="good card")["id"] == "a"
    assert page.first("p", id="a") is None


def test_an_attribute_with_a_hyphen_is_asked_for_with_an_underscore():
    page = parse('<p data-key="a">One</p><p data-key="b">Two</p>')

    assert page.first(data_key="b").text == "Two"


def test_text_is_read_as_a_person_reads_it_and_scripts_are_not():
    page = parse("<p>  one &amp;\n <b>two</b> </p><script>three</script>")

    assert page.text == "one & two"


def test_elements_without_an_end_tag_hold_nothing():
    page = parse('<p>a<br>b<input name="c">d<svg><circle r="1"/><text>e</text></svg></p><p>f</p>')

    assert [p.text for p in page.all("p")] == ["abde", "f"]
    assert page.first("circle").children == []


def test_an_end_tag_closes_what_was_left_open_and_a_stray_one_nothing():
    page = parse("<ul><li>one<li>two</ul></em><p>three</p>")

    assert page.first("ul").text == "onetwo"
    assert [element.tag for element in page.children] == ["ul", "p"]
