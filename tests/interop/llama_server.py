"""A real llama.cpp server over a model of random weights, made here: nothing comes from elsewhere.

    python llama_server.py --folder FOLDER --port 21990 [--good]

Runs with the packages of requirements/interop.txt and without Django. The model has 2 layers of 64
dimensions and one token for each byte and each printable ASCII character: what it says means
nothing, but the server parses, constrains and counts it as it would a real one's. A *good* model
leaves the byte tokens alone, so that its text is valid UTF-8.
"""

import argparse
import sys
from pathlib import Path

import gguf
import numpy as np
import xllamacpp

DIMENSIONS, LAYERS, HEADS, INNER = 64, 2, 4, 128
CONTEXT = 8192
SEED = 7_201
SPECIAL = ["<unk>", "<s>", "</s>"]
BYTES = [f"<0x{number:02X}>" for number in range(256)]
PRINTABLE = [chr(number) for number in range(32, 127)]
TEMPLATE = (
    "{% for m in messages %}[{{ m.role }}] {{ m.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}[assistant] {% endif %}"
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--key", default="")
    parser.add_argument("--good", action="store_true")
    args = parser.parse_args()
    model = args.folder / ("good.gguf" if args.good else "bad.gguf")
    write_model(model, good=args.good)
    params = xllamacpp.CommonParams()
    params.model.path = str(model)
    params.hostnames, params.port = ["127.0.0.1"], args.port
    params.n_ctx, params.n_parallel = CONTEXT * 4, 4
    params.cpuparams.n_threads = 1
    params.warmup = False
    if args.key:
        params.api_keys = [args.key]
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()
    return 0


def write_model(path: Path, *, good: bool) -> None:
    """Write a random model; the same each time."""
    random = np.random.default_rng(SEED)
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name("random")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(DIMENSIONS)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(DIMENSIONS // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    tokens = SPECIAL + BYTES + PRINTABLE
    writer.add_tokenizer_model("llama")
    # SentencePiece writes a space as U+2581.
    writer.add_token_list([t.replace(" ", "\u2581") for t in tokens])
    writer.add_token_scores([0.0] * len(tokens))
    kinds = [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL]
    kinds += [gguf.TokenType.BYTE] * len(BYTES) + [gguf.TokenType.NORMAL] * len(PRINTABLE)
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(True)
    writer.add_chat_template(TEMPLATE)

    def matrix(*shape: int) -> np.ndarray:
        return random.normal(0, 0.4 / np.sqrt(shape[-1]), shape).astype(np.float32)

    embedding, output = matrix(len(tokens), DIMENSIONS), matrix(len(tokens), DIMENSIONS)
    # One dimension carries the same everywhere; the output weighs it against what is unwanted.
    embedding[:, 0] = 4.0
    output[:, 0] = 0.0
    output[: len(SPECIAL) + len(BYTES), 0] = -4.0 if good else 0.3
    output[2, 0] = -0.4  # it ends its reply now and then
    output[tokens.index('"'), 0] = 0.3  # and a text within it, before long
    writer.add_tensor("token_embd.weight", embedding)
    writer.add_tensor("output.weight", output)
    writer.add_tensor("output_norm.weight", np.ones(DIMENSIONS, np.float32))
    for layer in range(LAYERS):
        name = f"blk.{layer}."
        for part in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"{name}{part}.weight", np.ones(DIMENSIONS, np.float32))
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            weights = matrix(DIMENSIONS, DIMENSIONS) * 0.2
            if part == "attn_output":
                weights[0] = 0
            writer.add_tensor(f"{name}{part}.weight", weights)
        writer.add_tensor(f"{name}ffn_gate.weight", matrix(INNER, DIMENSIONS) * 0.2)
        writer.add_tensor(f"{name}ffn_up.weight", matrix(INNER, DIMENSIONS) * 0.2)
        down = matrix(DIMENSIONS, INNER) * 0.2
        down[0] = 0
        writer.add_tensor(f"{name}ffn_down.weight", down)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    sys.exit(main())
