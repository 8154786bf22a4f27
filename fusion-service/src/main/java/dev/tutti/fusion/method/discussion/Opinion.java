package dev.tutti.fusion.method.discussion;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An answer with its explanation, and how sure whoever gave it says to be.
 *
 * @param text answer and explanation, without the line that tells the confidence
 * @param confidence p, 0 to 1; 0 where none is told, or one that is no share
 */
record Opinion(String text, double confidence) {

  private static final Pattern LINE =
      Pattern.compile("^[\\s*_#>-]*+confidence\\b.*$", Pattern.CASE_INSENSITIVE);

  /** A number, and out of how many: 0.8, 80 %, 8/10; one above 1 is out of a hundred. */
  private static final Pattern SHARE =
      Pattern.compile("(-?)(\\d++(?:\\.\\d++)?|\\.\\d++)\\s*+(%|/\\s*+(\\d{1,6})(?!\\d))?");

  /** Of what a member wrote: the last line that begins with "confidence" tells it. */
  static Opinion of(String written) {
    List<String> lines = written.lines().toList();
    for (int i = lines.size() - 1; i >= 0; i--) {
      String line = lines.get(i);
      if (LINE.matcher(line).matches()) {
        String before = String.join("\n", lines.subList(0, i));
        String after = String.join("\n", lines.subList(i + 1, lines.size()));
        return new Opinion((before + "\n" + after).strip(), confidence(line));
      }
    }
    return new Opinion(written.strip(), 0);
  }

  private static double confidence(String line) {
    Matcher share = SHARE.matcher(line.substring(line.indexOf(':') + 1));
    if (!share.find() || !share.group(1).isEmpty()) {
      return 0;
    }
    double number = Double.parseDouble(share.group(2));
    double whole =
        share.group(4) != null
            ? Double.parseDouble(share.group(4))
            : share.group(3) != null || number > 1 ? 100 : 1;
    double told = number / whole;
    return told >= 0 && told <= 1 ? told : 0;
  }

  /**
   * f(p), the weight of its vote: models say to be surer than they are, so that what is below a
   * certainty counts for much less.
   */
  double weight() {
    if (confidence >= 1) {
      return 1;
    }
    if (confidence >= 0.9) {
      return 0.8;
    }
    if (confidence >= 0.8) {
      return 0.5;
    }
    return confidence > 0.6 ? 0.3 : 0.1;
  }
}
