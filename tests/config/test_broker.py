import json
import shutil
import threading

import pytest
from kombu import Connection
from kombu.transport import resolve_transport

from config import broker

COUNT = 300


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "queue").mkdir()
    (tmp_path / "control").mkdir()
    return tmp_path


def connect(folder):
    options = {
        "data_folder_in": str(folder / "queue"),
        "data_folder_out": str(folder / "queue"),
        "control_folder": str(folder / "control"),
    }
    return Connection("filesystem://localhost", transport_options=options)


def test_the_product_uses_the_repaired_transport():
    assert resolve_transport("filesystem") is broker.Transport


def test_messages_arrive_in_their_order(folder):
    with connect(folder) as connection, connection.SimpleQueue("hints") as queue:
        for number in range(3):
            queue.put({"run": number})

        got = [queue.get(timeout=5) for _ in range(3)]

        assert [message.payload["run"] for message in got] == [0, 1, 2]


def test_a_message_that_cannot_be_written_leaves_nothing_behind(folder):
    with connect(folder) as connection, pytest.raises(TypeError):
        connection.default_channel._put("hints", {"body": threading.Lock()})

    assert list((folder / "queue").iterdir()) == []


def test_a_reader_never_sees_a_message_before_it_is_whole(folder):
    stop, torn = threading.Event(), []

    def look():
        while not stop.is_set():
            for file in (folder / "queue").glob("*.msg"):
                try:
                    json.loads(file.read_text())
                except ValueError:
                    torn.append(file.name)

    reader = threading.Thread(target=look)
    reader.start()
    with connect(folder) as connection:
        for number in range(COUNT):
            connection.default_channel._put("hints", {"body": "x" * 2_000, "run": number})
    stop.set()
    reader.join()

    assert torn == []
    assert len(list((folder / "queue").iterdir())) == COUNT


def test_an_exchange_that_is_there_keeps_its_queues(folder):
    for queue in ("one", "two"):
        with connect(folder) as connection:
            connection.default_channel._queue_bind("direct", queue, "", queue)

    with connect(folder) as connection:
        bound = connection.default_channel.get_table("direct")

    assert sorted(row.queue for row in bound) == ["one", "two"]


def test_a_worker_outlives_its_folder_and_hears_again_once_there_is_one(folder):
    with connect(folder) as connection, connection.SimpleQueue("hints") as queue:
        for name in ("queue", "control"):
            shutil.rmtree(folder / name)

        with pytest.raises(queue.Empty):
            queue.get(timeout=0.3)
        queue.put({"run": 1})

        assert queue.get(timeout=5).payload == {"run": 1}


def test_a_folder_that_cannot_be_made_fails_a_hint_and_no_worker(folder):
    with connect(folder) as connection, connection.SimpleQueue("hints") as queue:
        for name in ("queue", "control"):
            shutil.rmtree(folder / name)
            (folder / name).write_text("in the way")

        with pytest.raises(queue.Empty):
            queue.get(timeout=0.3)
        with pytest.raises(OSError, match="queue"):
            queue.put({"run": 1})
