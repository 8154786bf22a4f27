/**
 * The tasks on which the starter models are trained and measured. The models themselves are
 * resources: {@code tutti/starter/NAME/model.onnx} with its tokenizer, configuration and manifest,
 * and {@code tutti/starter/eval/TASK.jsonl}, the held-out questions.
 */
package dev.tutti.starter;
