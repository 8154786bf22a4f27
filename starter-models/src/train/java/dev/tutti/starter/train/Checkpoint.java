package dev.tutti.starter.train;

import dev.tutti.starter.train.network.Architecture;
import dev.tutti.starter.train.network.Weights;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * All that training needs to go on: with it, a resumed run gives the same weights as one that was
 * never interrupted.
 *
 * @param step steps done
 * @param weights the network
 * @param mean Adam's first moment
 * @param square Adam's second moment
 */
record Checkpoint(int step, Weights weights, Weights mean, Weights square) {

  static Checkpoint fresh(Architecture architecture, Weights first) {
    return new Checkpoint(
        0, first.copy(), Weights.zeros(architecture), Weights.zeros(architecture));
  }

  Checkpoint at(int newStep) {
    return new Checkpoint(newStep, weights, mean, square);
  }

  /** Writes beside the file, then moves: whoever reads finds the old or the new, never half. */
  void save(Path file, String fingerprint) throws IOException {
    Files.createDirectories(file.getParent());
    Path beside = file.resolveSibling(file.getFileName() + ".new");
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(beside)))) {
      out.writeUTF(fingerprint);
      out.writeInt(step);
      for (Weights part : List.of(weights, mean, square)) {
        for (float[] values : part.values()) {
          for (float value : values) {
            out.writeFloat(value);
          }
        }
      }
    }
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Reads a checkpoint; refuses one that was made with other settings. */
  static Checkpoint load(Path file, String fingerprint, Architecture architecture)
      throws IOException {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      String found = in.readUTF();
      if (!found.equals(fingerprint)) {
        throw new IOException(
            file + " was made with other settings; delete it to start anew: " + found);
      }
      int step = in.readInt();
      Weights[] parts = new Weights[3];
      for (int p = 0; p < parts.length; p++) {
        parts[p] = Weights.zeros(architecture);
        for (float[] values : parts[p].values()) {
          for (int i = 0; i < values.length; i++) {
            values[i] = in.readFloat();
          }
        }
      }
      return new Checkpoint(step, parts[0], parts[1], parts[2]);
    }
  }
}
