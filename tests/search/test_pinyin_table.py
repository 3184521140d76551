"""The table of sounds that is committed is the one its maker makes."""

from __future__ import annotations

from tongke.search import pinyin, pinyin_making


def test_committed_table_is_what_is_made_from_the_library() -> None:
    assert pinyin.TABLE.read_text(encoding="utf-8") == pinyin_making.table()


def test_phrases_are_read_otherwise_than_their_characters() -> None:
    assert pinyin.syllables("音乐") == ["yin", "yue"]
    assert pinyin.syllables("快乐") == ["kuai", "le"]
    assert pinyin.split("xiaoshu") == ["xiao", "shu"]
