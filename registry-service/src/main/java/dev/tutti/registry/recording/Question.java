package dev.tutti.registry.recording;

import dev.tutti.generation.v1.Message;
import dev.tutti.registry.v1.RecordedQuery;
import java.util.List;

/**
 * What members are asked.
 *
 * @param line its number in the body, from 1 on
 * @param messages the conversation, which ends with what the user says
 * @param references what would be right; may be empty
 * @param query what a dataset has of it, without outcomes
 */
record Question(long line, List<Message> messages, List<String> references, RecordedQuery query) {

  /** Keeps its own copies. */
  Question {
    messages = List.copyOf(messages);
    references = List.copyOf(references);
  }

  /** Its id in the dataset. */
  String id() {
    return query.getId();
  }
}
