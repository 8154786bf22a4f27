package dev.tutti.starter.train;

import ai.onnxruntime.OrtException;
import dev.tutti.starter.JudgedSteps;
import dev.tutti.starter.eval.OnnxDecoder;
import dev.tutti.starter.eval.StepJudge;
import dev.tutti.starter.train.tokenizer.BpeVocabulary;

/** What a step judge makes of held-out steps. */
final class HeldOutSteps {

  private HeldOutSteps() {}

  static StepJudge.Quality measure(byte[] model, BpeVocabulary vocabulary, int items, long seed) {
    try (OnnxDecoder decoder = new OnnxDecoder(model)) {
      return new StepJudge(decoder, BpeVocabulary.BOS, vocabulary::encode)
          .quality(JudgedSteps.heldOut(items, seed));
    } catch (OrtException e) {
      throw new IllegalStateException("the exported judge does not run", e);
    }
  }
}
