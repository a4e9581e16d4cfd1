from eng5.contracts.wire import topics
from eng5.contracts.wire.vocabulary import ProcessingEvent


def test_topics_follow_the_event_names() -> None:
    """A topic is huleedu, the event's name, and v1."""
    named = {
        topics.CJ_REQUESTED: ProcessingEvent.ELS_CJ_ASSESSMENT_REQUESTED,
        topics.COMPARISON_RESULT: ProcessingEvent.LLM_PROVIDER_COMPARISON_RESULT,
        topics.CJ_COMPLETED: ProcessingEvent.CJ_ASSESSMENT_COMPLETED,
        topics.CJ_FAILED: ProcessingEvent.CJ_ASSESSMENT_FAILED,
        topics.ASSESSMENT_RESULT: ProcessingEvent.ASSESSMENT_RESULT_PUBLISHED,
    }
    assert all(topic == f"huleedu.{event.value}.v1" for topic, event in named.items())


def test_a_batch_is_answered_on_four_topics() -> None:
    """The result topics are all topics but the request's and the consumption's."""
    assert set(topics.ALL_TOPICS) - set(topics.RESULT_TOPICS) == {
        topics.CJ_REQUESTED,
        topics.RESOURCE_CONSUMPTION,
    }
