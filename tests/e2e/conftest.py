"""Real processes on a real Kafka. Fixtures:

kafka          one broker for the whole run: ctest's, or one that is started; only the latter may be stopped by a test
make_pipeline  make_pipeline(overrides={"crm_writer": {"stage": {"slots": 4}}}, ...) → a started Pipeline; stopped at the module's end
pipeline       one with default settings for all tests of a module; faults and the sandbox's journal are its tests' own

Everything is stopped at the end, also after a failure and where a signal ends the run; a failure shows the tail of every log.
"""

import contextlib
import pathlib
import secrets
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "deploy")]

import pytest  # noqa: E402
from broker import OwnBroker, shared  # noqa: E402
from pipeline import Pipeline  # noqa: E402
from stack import interrupt  # noqa: E402

running = []


def pytest_configure():
    interrupt.heed()  # as KeyboardInterrupt, after which pytest ends its fixtures


@pytest.fixture(scope="session")
def kafka(tmp_path_factory):
    if broker := shared():
        yield broker
        return
    broker = OwnBroker(tmp_path_factory.mktemp("kafka"))
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()


@pytest.fixture(scope="module")
def make_pipeline(kafka, tmp_path_factory, request):
    """Pipelines of one module share a broker and nothing else: each has a topic prefix of its own."""
    made = []

    def make(overrides=None, world=None, tenants=None):
        name = f"{request.module.__name__.removeprefix('test_')}{len(made) + 1}"
        pipeline = Pipeline(tmp_path_factory.mktemp(name), kafka, f"{name}-{secrets.token_hex(3)}.", overrides)
        made.append(pipeline)
        running.append(pipeline)
        return pipeline.start(world, tenants)

    yield make

    def end(pipeline):
        pipeline.stop()
        running.remove(pipeline)
        kafka.delete_topics(pipeline.stack.topic_prefix)

    with contextlib.ExitStack() as ends:  # each, whatever became of the one before
        for pipeline in made:
            ends.callback(end, pipeline)


@pytest.fixture(scope="module")
def one_pipeline(make_pipeline):
    return make_pipeline()


@pytest.fixture
def pipeline(one_pipeline):
    yield one_pipeline
    one_pipeline.sandbox.behave()
    one_pipeline.sandbox.ask("DELETE", "journal")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed:
        for each in running:
            for name, tail in each.log_tails():
                report.sections.append((f"log of {name}", "\n".join(line[:400] for line in tail)))
