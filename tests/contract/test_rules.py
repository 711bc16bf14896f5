"""Every rule number that code or tests cite can be looked up in docs/rules.md."""

from __future__ import annotations

import pytest

from deploy import rules
from deploy.rules import Citation, Group, citations_in, groups, missing


def test_every_cited_rule_is_explained() -> None:
    assert missing(rules.citations(), groups(rules.SOURCE.read_text())) == {}, (
        "explain them in docs/rules.toml"
    )


def test_the_published_page_is_that_of_the_code() -> None:
    assert rules.DOCUMENT.read_text() == rules.document(), "run `make docs` and look at the difference"


def test_a_cited_number_that_nothing_explains_is_found_with_its_files() -> None:
    cited = [Citation("E1", "a.py", ""), Citation("E2", "a.py", ""), Citation("E1", "b.py", "")]
    assert missing(cited, [Group("", "", {"E2": "…"})]) == {"E1": ["a.py", "b.py"]}


def test_a_rule_is_explained_once() -> None:
    group = '[[group]]\ntitle = "t"\nsource = "s"\n[group.rules]\nE1 = "…"\n'
    with pytest.raises(ValueError, match="explained twice: E1"):
        groups(group + group)


def test_only_docstrings_and_comments_cite() -> None:
    text = 'def f() -> str:\n    """E4."""\n    return "E5"  # and G12\n'
    assert list(citations_in("f.py", text)) == [Citation("E4", "f.py", "f"), Citation("G12", "f.py", "f")]


def test_a_range_cites_its_ends_and_covers_what_lies_between() -> None:
    found = {
        c.rule: c.explicit for c in citations_in("f.py", "# BC-SO-07 to 09, 11 and POS-01..POS-03; B9\n")
    }
    assert found == {
        "BC-SO-07": True,
        "BC-SO-08": False,
        "BC-SO-09": True,
        "BC-SO-11": True,
        "POS-01": True,
        "POS-02": False,
        "POS-03": True,
        "B9": True,
    }


def test_a_citation_belongs_to_the_function_around_it() -> None:
    text = '"""POS-01."""\n\n\nclass A:\n    def b(self) -> None:\n        """POS-02."""\n'
    assert [c.function for c in citations_in("f.py", text)] == ["", "A.b"]


def test_the_name_of_a_test_cites() -> None:
    text = "def test_bc_so_38_39_lines_and_b4_more(): ...\ndef test_b4_pos_117_x(): ...\ndef e4_x(): ...\n"
    assert [c.rule for c in citations_in("f.py", text)] == ["BC-SO-38", "BC-SO-39", "B4", "POS-117"]
