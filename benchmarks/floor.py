"""The floor: the same two transactions as one would write them by hand for psycopg.

No model, no rule in words, no check of what was shown: the locks, the claim and the rows that must
be written, as prepared statements with positions, over a bare connection.
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
    UPDATE annotation_assignment SET status = 'cancelled' WHERE matter_id = %s AND status = 'open'"""

VERDICT = """
    INSERT INTO curation_verdict (answer_id, outcome, source, distribution, judge_name,
           judge_reply, decision_ref)
    VALUES (%s, %s, 'people', %s, '', '', %s)"""


def doing(order: Any) -> Any:
    """Return a function that claims a seat and submits an outcome for it over its connection."""
    import psycopg
    from django.db import connection
    from psycopg.types.json import Jsonb

    where = connection.connection.info.dsn
    bare = psycopg.connect(where, prepare_threshold=0, autocommit=True)
    bare.execute("SET plan_cache_mode = force_generic_plan")
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
