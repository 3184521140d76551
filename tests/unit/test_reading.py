"""Text laid out to be read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tongke_web.resources.reading import Span, blocks

POEM = "# 山居秋暝\n\n〔唐〕王维\n\n> 空山新雨后，天气晚来秋。\n> 明月松间照，清泉石上流。\n\n- 读一读\n- 背一背\n\n1. 问\n2. 答\n\n---\n**浣**：洗"


def test_markdown_becomes_blocks() -> None:
    found = blocks(POEM, is_markdown=True)

    assert [b.kind for b in found] == ["heading", "paragraph", "poem", "bullets", "numbers", "rule", "paragraph"]
    assert found[0].level == 1
    assert found[-1].lines == ((Span("浣", "strong"), Span("：洗")),)


def test_plain_text_keeps_its_marks_and_knows_a_poem() -> None:
    found = blocks("静夜思\n\n床前明月光，\n疑是地上霜。\n\n# 3*4*5", is_markdown=False)

    assert [b.kind for b in found] == ["paragraph", "poem", "paragraph"]
    assert found[2].lines == ((Span("# 3*4*5"),),)


def test_a_product_is_no_emphasis() -> None:
    assert blocks("3*4*5", is_markdown=True)[0].lines == ((Span("3*4*5"),),)


@given(st.text(alphabet=st.sampled_from("字a*#>-1. 、\n，。"), max_size=80))
def test_no_word_is_lost(text: str) -> None:
    kept = "".join(span.words for block in blocks(text, is_markdown=True) for line in block.lines for span in line)

    assert kept.count("字") == text.count("字")
