"""A language model in half a megabyte with random weights: it babbles, but real servers run it.

The format is GGUF, the architecture `llama`. The vocabulary is three control tokens, the 256 bytes (so that
any text and any grammar can be written) and some words. The first number of every token's embedding is the
same, and no layer writes to it: so the first column of the output matrix decides how likely each token is,
whatever came before. Words are likely, bytes are rare; a quotation mark is likely enough that strings
end early where a grammar asks for JSON.
"""

import gguf
import numpy

NAME = "babble"
CONTEXT = 32_768
_CONSTANT = 4.0
_WORDS = (
    "a the of and to in is it on we with clay kiln glaze bowl river stone morning light hand wheel "
    "fire shelf blue white salt ash rain street market bread coffee friend song water wind road slow "
    "new old small warm first last today again never always here there then when where who what why "
    "how good day"
).split()
_TEMPLATE = (
    "{% for message in messages %}{{ message['role'] + ': ' + message['content'] + '\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}"
)


def vocabulary():
    """Each token with its score and its type, by number."""
    control = [b"<unk>", b"<s>", b"</s>"]
    raw = [f"<0x{byte:02X}>".encode() for byte in range(256)]
    # The first stands for a space; without it a space in a prompt would come apart into bytes.
    words = [f"\u2581{word}".encode() for word in ["", *_WORDS]]
    kinds = [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL]
    kinds += [gguf.TokenType.BYTE] * 256 + [gguf.TokenType.NORMAL] * len(words)
    scores = [0.0] * 259 + [-float(number) for number in range(len(words))]
    return control + raw + words, scores, kinds


def _leanings(ending):
    """How likely each token is, and the end: logarithms, a word is 0."""
    leanings = numpy.zeros(260 + len(_WORDS))
    leanings[:3] = -20, -20, ending
    leanings[3:260] = -6
    for letter, leaning in {'"': 2, ".": 1, "\n": -2, "\u00e9".encode()[0]: -2}.items():
        leanings[3 + (ord(letter) if isinstance(letter, str) else letter)] = leaning
    return leanings


def write_model(path, layers=2, embedding=64, ending=-1, seed=1):
    """Writes the model; the same arguments give the same file.

    More layers and numbers make it slow; an `ending` far below 0 makes it go on to the limit of tokens.
    """
    heads, forward = 4, 2 * embedding
    tokens, scores, kinds = vocabulary()
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name(NAME)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(embedding)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(forward)
    writer.add_head_count(heads)
    writer.add_head_count_kv(heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(embedding // heads)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores(scores)
    writer.add_token_types(kinds)
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(_TEMPLATE)

    chance = numpy.random.default_rng(seed)

    def random(rows, columns, deviation):
        return chance.standard_normal((rows, columns), dtype=numpy.float32) * deviation

    def add(name, values):
        writer.add_tensor(name, values.astype(numpy.float32))

    def add_layer_matrix(name, rows, columns):
        values = random(rows, columns, columns**-0.5)
        if rows == embedding:
            values[0] = 0
        add(name, values)

    embeddings = random(len(tokens), embedding, 1)
    embeddings[:, 0] = _CONSTANT
    add("token_embd.weight", embeddings)
    for layer in range(layers):
        block = f"blk.{layer}"
        add(f"{block}.attn_norm.weight", numpy.ones(embedding))
        for part in ("q", "k", "v", "output"):
            add_layer_matrix(f"{block}.attn_{part}.weight", embedding, embedding)
        add(f"{block}.ffn_norm.weight", numpy.ones(embedding))
        add_layer_matrix(f"{block}.ffn_gate.weight", forward, embedding)
        add_layer_matrix(f"{block}.ffn_up.weight", forward, embedding)
        add_layer_matrix(f"{block}.ffn_down.weight", embedding, forward)
    add("output_norm.weight", numpy.ones(embedding))
    output = random(len(tokens), embedding, embedding**-0.5)
    output[:, 0] = _leanings(ending) / _CONSTANT
    add("output.weight", output)

    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
