package dev.tutti.numerics;

import java.util.Arrays;

/** The best so many of what was offered: a heap with the worst on top. */
final class Best {
  private final int[] names;
  private final double[] scores;
  private int size;

  Best(int capacity) {
    names = new int[capacity];
    scores = new double[capacity];
  }

  float least() {
    return size < names.length ? Float.NEGATIVE_INFINITY : (float) scores[0];
  }

  void offer(int name, double score) {
    if (size < names.length) {
      int at = size++;
      while (at > 0 && worse(name, score, (at - 1) / 2)) {
        move((at - 1) / 2, at);
        at = (at - 1) / 2;
      }
      names[at] = name;
      scores[at] = score;
    } else if (size > 0 && !worse(name, score, 0)) {
      sink(name, score);
    }
  }

  private void sink(int name, double score) {
    int at = 0;
    while (true) {
      int child = 2 * at + 1;
      if (child >= size) {
        break;
      }
      if (child + 1 < size && worse(names[child + 1], scores[child + 1], child)) {
        child++;
      }
      if (worse(name, score, child)) {
        break;
      }
      move(child, at);
      at = child;
    }
    names[at] = name;
    scores[at] = score;
  }

  private boolean worse(int name, double score, int than) {
    return score < scores[than] || (score == scores[than] && name > names[than]);
  }

  private void move(int from, int to) {
    names[to] = names[from];
    scores[to] = scores[from];
  }

  int[] rows() {
    return Arrays.copyOf(names, size);
  }

  /** Empties the heap. */
  NeighbourIndex.Neighbours sorted() {
    var rows = new int[size];
    var similarities = new double[size];
    for (int place = size - 1; place >= 0; place--) {
      rows[place] = names[0];
      similarities[place] = scores[0];
      size--;
      sink(names[size], scores[size]);
    }
    return new NeighbourIndex.Neighbours(rows, similarities);
  }
}
