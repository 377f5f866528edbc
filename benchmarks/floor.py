"""Two floors for claim and submit, both over a bare psycopg connection.

`same` runs the very statements of the two transactions, with nothing between them: no model, no
check, no words. `least` is what one would write by hand for the same seats: no breaks, exposure,
priorities, declines, memory of empty lanes, or check of what was shown.
"""

import hashlib
import time
from collections import Counter
from typing import Any

ENROLMENT = """
    SELECT e.id, c.guideline_id FROM annotation_enrolment e
      JOIN annotation_campaign c ON c.id = e.campaign_id
     WHERE e.worker_id = %s AND e.campaign_id = %s AND e.status = 'active' FOR NO KEY UPDATE OF e"""

CLAIM = """
    WITH next AS MATERIALIZED (
      SELECT seat.id, seat.rank FROM annotation_assignment seat
       WHERE seat.lane_id = %(lane)s AND seat.rank > %(rank)s AND (seat.status = 'open'
             OR seat.status = 'leased' AND seat.lease_expires_at < clock_timestamp())
         AND NOT EXISTS (SELECT 1 FROM annotation_assignment own
               WHERE own.matter_id = seat.matter_id AND own.owner_id = %(worker)s OFFSET 0)
       ORDER BY seat.rank, seat.number LIMIT 1 FOR UPDATE OF seat SKIP LOCKED)
    UPDATE annotation_assignment held
       SET status = 'leased', owner_id = %(worker)s, token = held.token + 1,
           leased_at = clock_timestamp(), lease_expires_at = clock_timestamp() + '20 minutes'
      FROM next WHERE held.id = next.id
    RETURNING held.id, held.token, held.matter_id, held.leased_at, next.rank"""

EXPOSE = """
    INSERT INTO annotation_exposure (worker_id, seat_id, token, severity) VALUES (%s, %s, %s, 1)"""

CURSOR = """
    INSERT INTO annotation_cursor (enrolment_id, lane_id, reached) VALUES (%s, %s, %s)
    ON CONFLICT (enrolment_id, lane_id) DO UPDATE SET reached = excluded.reached"""

MATTER = """
    SELECT m.status, m.answer_id, i.question, a.reply, a.subject_run_id FROM annotation_matter m
      JOIN curation_item i ON i.id = m.item_id JOIN curation_answer a ON a.id = m.answer_id
     WHERE m.id = %s FOR UPDATE OF m"""

TAKE = """
    UPDATE annotation_assignment SET status = 'done', lease_expires_at = NULL
     WHERE id = %s AND token = %s AND owner_id = %s AND status = 'leased'"""

JUDGEMENT = """
    INSERT INTO annotation_judgement (seat_id, matter_id, worker_id, outcome, unfit, tags, shown,
           shown_at, submitted_at, guideline_id, pasted, token, idempotency_key, payload_sha256,
           takes_back)
    VALUES (%s, %s, %s, %s, '', '{}', %s, %s, clock_timestamp(), %s, false, %s, %s, %s, false)
    RETURNING id"""

GIVEN = "SELECT outcome FROM annotation_judgement WHERE matter_id = %s"

SETTLE = """
    UPDATE annotation_matter SET status = 'settled', settled_at = now()
     WHERE id = %s AND status = 'open'"""

CANCEL = """
    UPDATE annotation_assignment SET status = 'cancelled'
     WHERE matter_id = %s AND status = 'open'"""

VERDICT = """
    INSERT INTO curation_verdict (answer_id, outcome, source, distribution, judge_name,
           judge_reply, decision_ref)
    VALUES (%s, %s, 'people', %s, '', '', %s)"""


def _connected() -> Any:
    import psycopg
    from django.db import connection

    dsn = connection.connection.info.dsn
    bare = psycopg.connect(dsn, prepare_threshold=0, autocommit=True)
    bare.execute("SET plan_cache_mode = force_generic_plan")
    return bare


def same(order: Any) -> Any:
    """Return a function that claims and submits with the statements of the domain."""
    from psycopg.types.json import Jsonb

    from annotation import care, finding, leases, matters, quorum, taking
    from annotation.models import Campaign, Judgement
    from curation import planned, verdicts
    from curation.models import Verdict

    bare = _connected()
    kind = Campaign.Kind.ANSWERS
    who = {"worker": order.worker, "campaign": order.campaign}
    always = {"severe": care.SEVERE, "pause": care.PAUSE, "known": False}
    claiming = finding.taking(kind, finding.ONWARD)
    locking, judging = matters.lock_of_seat(), planned.insertion(Judgement)
    standing, deciding = verdicts.standing(), planned.insertion(Verdict)
    seat_at = {field.attname: n for n, field in enumerate(finding.SEAT.fields)}
    at = {field.attname: n for n, field in enumerate(matters.SIDES[0].fields)}
    guideline = len(at) + [f.attname for f in matters.SIDES[1].fields].index("guideline_id")

    def one(outcome: str) -> float:
        begun = time.perf_counter()
        with bare.transaction():
            taker = leases.Taker(*bare.execute(leases.ENROLMENT + leases.LOCK, who).fetchone())
            for lane in finding.lanes_in(taker.lanes):
                values = {"enrolment": taker.enrolment, "lane": lane.id, "rank": lane.reached % 1}
                if row := bare.execute(claiming, {**always, **values}).fetchone():
                    break
            else:
                raise RuntimeError("nothing is left")
        took = time.perf_counter() - begun
        seat, token, matter = (row[seat_at[name]] for name in ("id", "token", "matter_id"))
        with bare.transaction():
            found = bare.execute(locking, {"pk": seat}).fetchone()
            by = {"seat": seat, "token": token, "worker": order.worker}
            shown_at, submitted_at = bare.execute(taking.TAKE, by).fetchone()
            key = f"{seat}.{token}"
            judged = {
                "seat_id": seat, "matter_id": matter, "worker_id": order.worker,
                "outcome": outcome, "unfit": "", "tags": [], "pasted": False, "token": token,
                "shown": Jsonb({"question": "", "answer": found[-2]}), "shown_at": shown_at,
                "submitted_at": submitted_at, "guideline_id": found[guideline],
                "idempotency_key": key, "supersedes_id": None, "takes_back": False,
                "payload_sha256": hashlib.sha256(key.encode()).hexdigest(),
            }  # fmt: skip
            [number] = bare.execute(judging, judged).fetchone()
            said = Counter(row[0] for row in bare.execute(quorum.GIVEN, {"matter": matter}))
            said.pop("cannot_tell", None)
            [(most, count)] = said.most_common(1) or [("", 0)]
            if found[at["status"]] == "open" and count >= 2:
                moved = {"matter": matter, "now": "open", "to": "settled", "dispute": ""}
                bare.execute(matters.MOVE, moved)
                answer = found[at["answer_id"]]
                bare.execute(verdicts.LOCK, {"room": verdicts.ROOM, "answer": answer})
                bare.execute(standing, {"answer": answer, "by_judge": False, "judge": ""})
                verdict = {
                    "answer_id": answer, "outcome": most, "source": "people", "judge_name": "",
                    "distribution": Jsonb(dict(said)), "judge_reply": "", "supersedes_id": None,
                    "decision_ref": f"judgement:{number}",
                }  # fmt: skip
                bare.execute(deciding, verdict)
        return took

    return one


def least(order: Any) -> Any:
    """Return a function that claims and submits with as little as would do."""
    from psycopg.types.json import Jsonb

    bare = _connected()
    lanes = [row[0] for row in bare.execute("SELECT id FROM annotation_lane ORDER BY id")]
    ranks = dict.fromkeys(lanes, 0.0)

    def one(outcome: str) -> float:
        begun = time.perf_counter()
        with bare.transaction():
            found = bare.execute(ENROLMENT, [order.worker, order.campaign]).fetchone()
            enrolment, guideline = found or (0, 0)
            for lane in sorted(lanes, key=lambda lane: ranks[lane]):
                values = {"lane": lane, "rank": ranks[lane], "worker": order.worker}
                if row := bare.execute(CLAIM, values).fetchone():
                    break
            else:
                raise RuntimeError("nothing is left")
            seat, token, matter, leased_at, ranks[lane] = row
            bare.execute(EXPOSE, [order.worker, seat, token])
            bare.execute(CURSOR, [enrolment, lane, ranks[lane]])
        took = time.perf_counter() - begun
        key = f"{seat}.{token}"
        with bare.transaction():
            row = bare.execute(MATTER, [matter]).fetchone()
            status, answer, question, reply, _run = row or ("", 0, "", "", 0)
            bare.execute(TAKE, [seat, token, order.worker])
            shown = Jsonb({"question": question, "answer": reply})
            digest = hashlib.sha256(key.encode()).hexdigest()
            values = [seat, matter, order.worker, outcome, shown, leased_at, guideline, token]
            row = bare.execute(JUDGEMENT, [*values, key, digest]).fetchone()
            said = Counter(row[0] for row in bare.execute(GIVEN, [matter]))
            said.pop("cannot_tell", None)
            [(most, count)] = said.most_common(1) or [("", 0)]
            if status == "open" and count >= 2:
                bare.execute(SETTLE, [matter])
                bare.execute(CANCEL, [matter])
                ref = f"judgement:{row[0] if row else 0}"
                bare.execute(VERDICT, [answer, most, Jsonb(dict(said)), ref])
        return took

    return one
