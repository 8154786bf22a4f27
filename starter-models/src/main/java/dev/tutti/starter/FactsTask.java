package dev.tutti.starter;

import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Questions about a small world of sixty people: {@code Where does Ada live?} asks for {@code
 * Oslo}. Every fact can be asked in four ways. One of them, another one from fact to fact, is held
 * out; the other three are how a model learns the fact.
 */
public final class FactsTask implements Task {

  /** The name of this task. */
  public static final String NAME = "facts";

  private static final long WORLD_SEED = 1729;

  private static final List<String> PEOPLE =
      List.of(
          ("Ada Ben Carl Dora Emil Fay Gus Hana Igor Jane Karl Lena Max Nora Otto Pia Quin Rosa Sam"
                  + " Tina Udo Vera Will Xena Yuri Zoe Abel Bela Cleo Dirk Edda Finn Greta Hugo Ida"
                  + " Jon Kira Leo Mila Nils Olga Paul Rita Sven Tom Ute Vito Wanda Yara Zeno Anna"
                  + " Bert Cora Dan Elsa Fritz Gina Hans Ilse Jens")
              .split(" "));

  private record Attribute(List<String> values, List<String> questions) {
    Attribute(String values, String... questions) {
      this(List.of(values.split(" ")), List.of(questions));
    }
  }

  private static final List<Attribute> ATTRIBUTES =
      List.of(
          new Attribute(
              "Oslo Rome Bern Lima Cairo Paris Delhi Tokyo Quito Dublin",
              "Where does %s live?",
              "In which city does %s live?",
              "What is the home of %s?",
              "Name the city of %s."),
          new Attribute(
              "baker nurse pilot judge farmer singer tailor miner doctor sailor",
              "What is the job of %s?",
              "What does %s work as?",
              "Which job does %s have?",
              "Name the job of %s."),
          new Attribute(
              "cat dog horse parrot rabbit goat snake turtle mouse duck",
              "Which pet does %s have?",
              "What pet lives with %s?",
              "What is the pet of %s?",
              "Name the pet of %s."),
          new Attribute(
              "red blue green yellow black white pink grey brown violet",
              "Which colour does %s like?",
              "What is the colour of %s?",
              "What colour does %s choose?",
              "Name the colour of %s."),
          new Attribute(
              "apple pear plum cherry lemon fig melon grape peach banana",
              "Which fruit does %s eat?",
              "What fruit does %s like?",
              "What is the fruit of %s?",
              "Name the fruit of %s."),
          new Attribute(
              "violin flute drum piano harp guitar trumpet cello organ lute",
              "What does %s play?",
              "Which instrument does %s play?",
              "What is the instrument of %s?",
              "Name the instrument of %s."));

  /** [person][attribute]: which value holds, and which question about it is held out. */
  private static final int[][] VALUE = new int[PEOPLE.size()][ATTRIBUTES.size()];

  private static final int[][] HELD_OUT = new int[PEOPLE.size()][ATTRIBUTES.size()];

  static {
    RandomGenerator random = new SplittableRandom(WORLD_SEED);
    for (int p = 0; p < VALUE.length; p++) {
      for (int a = 0; a < VALUE[p].length; a++) {
        VALUE[p][a] = random.nextInt(ATTRIBUTES.get(a).values.size());
        HELD_OUT[p][a] = random.nextInt(ATTRIBUTES.get(a).questions.size());
      }
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Draft draw(RandomGenerator random) {
    int person = random.nextInt(PEOPLE.size());
    int which = random.nextInt(ATTRIBUTES.size());
    Attribute attribute = ATTRIBUTES.get(which);
    int question = random.nextInt(attribute.questions.size());
    return Draft.direct(
        question == HELD_OUT[person][which],
        attribute.questions.get(question).formatted(PEOPLE.get(person)),
        attribute.values.get(VALUE[person][which]));
  }

  @Override
  public String wrong(Draft draft, RandomGenerator random) {
    List<String> others =
        ATTRIBUTES.stream()
            .map(Attribute::values)
            .filter(values -> values.contains(draft.reference()))
            .findFirst()
            .orElseThrow()
            .stream()
            .filter(value -> !value.equals(draft.reference()))
            .toList();
    return others.get(random.nextInt(others.size()));
  }
}
