"""HR's page of a résumé: the file that the candidate gave, and the words read of it."""

from __future__ import annotations

from tests.factories import ok
from tests.integration.people.test_resume_files import pdf, send
from tests.integration.results.conftest import Results
from tests.integration.results.test_pages import cookie, signed_in


def test_the_file_is_opened_and_its_words_are_there(results: Results) -> None:
    finished = results.scored(results.interview(results.position()))
    sent = pdf()
    ok(send(finished.world, finished.candidate(), sent), 201)
    client = signed_in(results.world)
    path = f"/hr/interviews/{finished.id}"
    assert "简历" in client.get(path).get_data(as_text=True)
    shown = client.get(f"{path}/resume").get_data(as_text=True)
    assert "简历.pdf" in shown and "打开文件" in shown and "晨光贸易" in shown
    form = {"csrf_token": cookie(client, "csrf_access_token")}
    answer = client.post(f"{path}/resume/file", data=form)
    assert answer.status_code == 303
    fetched = client.get(answer.headers["Location"][answer.headers["Location"].index("/api/") :])
    assert fetched.data == sent
    ok(send(finished.world, finished.candidate(), pdf("")), 201)
    assert "未能读出文字" in client.get(f"{path}/resume").get_data(as_text=True)
