"""What a store keeps of a source gives the same report again, sentences and all."""

from __future__ import annotations

import json
from types import SimpleNamespace

from liqmap.ingestion.ledger import facts_of, report_again
from liqmap.ingestion.report import IngestReport, SourceRow
from liqmap.schema import Argument, Keyword, Rejected, Sentence

REASON = Sentence("expected A, got B. Pass ", Keyword("symbol"), ", or ", Keyword("mapping", {"price": "p"}))


def test_facts__give_the_same_report_again() -> None:
    quoted = [Rejected(3, "broken"), Rejected(5, REASON), Rejected(6, Sentence("not ", Argument("feed")))]
    reader = SimpleNamespace(notes=["in ms"])
    flow = SimpleNamespace(
        path="f.csv", kinds=["trades"], quoted=quoted, counts={"repeats": 1}, seconds=2.0, reader=reader
    )
    report = IngestReport(sources=[SourceRow(path="f.csv", kind="trades", rows=3, seconds=2.0)])
    report.reject("f.csv", quoted)
    facts = json.loads(json.dumps(facts_of(flow, report)))  # type: ignore[arg-type]
    assert facts["rejected"] == [[3, "broken"], [5, str(REASON)], [6, "not feed"]]
    again = IngestReport()
    assert report_again(facts, flow, again)  # type: ignore[arg-type]
    assert (again.sources, again.rejected) == (report.sources, report.rejected)
    kept = [getattr(reason, "parts", None) for _, _, reason in again.rejected]
    assert kept == [None, REASON.parts, ("not ", Argument("feed"))]
    assert again.notes == ["in ms", "f.csv: already in the store, nothing changed"]


def test_facts__of_an_older_store_have_no_parts() -> None:
    reader = SimpleNamespace(notes=[])
    flow = SimpleNamespace(path="f.csv", kinds=["trades"], quoted=[], counts={}, seconds=2.0, reader=reader)
    again = IngestReport()
    assert report_again({"sources": [], "lost": [], "rejected": [[1, "x"]]}, flow, again)  # type: ignore[arg-type]
    assert again.rejected == [("f.csv", 1, "x")]
    assert not report_again(None, flow, again)  # type: ignore[arg-type]
