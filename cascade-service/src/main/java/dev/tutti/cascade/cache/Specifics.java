package dev.tutti.cascade.cache;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What two questions must have in common, in the same order, however similar they are. A sentence
 * embedding sees little of it: reversals score 0.83 to 0.99 (GPTCache, issue 694).
 *
 * <p>Always: names (capitalised words and acronyms), numbers, symbols, single letters, units, who
 * and when and where and why, negations (as a prefix too: install, uninstall) and words whose
 * opposite reads almost the same, those of direction among them. Where a similarity alone decides
 * ({@link #sameWords}) also every other word but a few that ask, greet or join: mars for venus, sin
 * for cos, dog for cat are substitutions that no list knows.
 *
 * <p>A word that is a name in one question counts in the other one too, also in small letters. The
 * words of the lists are English; of questions in other languages names, numbers and symbols are
 * compared, or all words.
 */
final class Specifics {

  private static final Pattern WORD =
      Pattern.compile(
          "\\d+(?:[.,:]\\d+)*|[\\p{L}\\p{M}\\p{Nd}]+(?:['’]\\p{L}+)?"
              + "|[\\p{S}\\p{Nl}\\p{No}%*/#&@()\\[\\]{}\\\\_°·–-]|(?<=[\\d)])!|['’′](?=\\s*\\()");

  private static final Set<String> NUMBERS =
      Set.of(
          ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
                  + " fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty"
                  + " seventy eighty ninety hundred thousand million billion half quarter double triple"
                  + " first second third fourth fifth last twice once dozen")
              .split(" "));

  private static final Set<String> UNITS =
      Set.of(
          ("mm cm m km inch inches foot feet yard yards mile miles metre metres meter meters"
                  + " kilometre kilometres kilometer kilometers g kg mg gram grams kilogram"
                  + " kilograms lb lbs pound pounds oz ounce ounces ton tons l ml litre litres liter"
                  + " liters gallon gallons celsius fahrenheit kelvin degree degrees radian radians"
                  + " ms s sec seconds min minute minutes h hour hours day days week weeks month"
                  + " months year years usd eur gbp jpy chf dollar dollars euro euros cent cents"
                  + " percent kb mb gb tb byte bytes bit bits hz khz mhz ghz w kw kwh joule joules"
                  + " calorie calories mph kmh")
              .split(" "));

  private static final Set<String> NEGATIONS =
      Set.of(
          ("no not non never none nobody nothing neither nor without cannot except unless lacks lacking"
                  + " excluding isn't aren't wasn't weren't don't doesn't didn't can't couldn't won't"
                  + " wouldn't shouldn't hasn't haven't hadn't mustn't needn't ain't")
              .split(" "));

  private static final Set<String> OPPOSITES =
      Set.of(
          ("more less most least fewer min max minimum maximum highest lowest higher lower largest"
                  + " smallest larger smaller biggest bigger longest shortest longer shorter oldest"
                  + " newest older newer fastest slowest faster slower best worst better worse before"
                  + " after above below over under up down left right north south east west increase"
                  + " decrease add remove enable disable open close buy sell start stop begin end"
                  + " encode decode encrypt decrypt import export ascending descending true false"
                  + " positive negative odd even male female hot cold win lose won lost love hate"
                  + " good bad safe unsafe legal illegal possible impossible plus minus times divided"
                  + " from out off into onto inside outside toward towards away forward forwards"
                  + " backward backwards back upward upwards downward downwards clockwise"
                  + " counterclockwise anticlockwise upload download login logout pro con pros cons"
                  + " accept reject allow deny permit forbid enter exit push pull lock raise"
                  + " first next previous early late earlier later rise fall gain loss profit"
                  + " asset liability debit credit vertical horizontal row column wife husband mother"
                  + " father son daughter brother sister his her he she always sometimes often all"
                  + " some any every each both either only")
              .split(" "));

  private static final Set<String> ASKING = Set.of("who whom whose when where why".split(" "));

  /** What turns a word into its opposite, before it. */
  private static final List<String> PREFIXES =
      List.of("un", "de", "dis", "in", "im", "il", "ir", "non", "mis", "anti", "counter");

  private static final int SHORTEST_STEM = 3;

  /** Without which a question asks the same. */
  private static final Set<String> FILLERS =
      Set.of(
          ("a an the is are am be do does it that this these those there of so just also then"
                  + " please kindly hi hello hey thanks tell give show explain describe")
              .split(" "));

  /** How a sentence may begin without naming anything. */
  private static final Set<String> OPENERS =
      Set.of(
          ("a an the what which who whom whose when where why how is are"
                  + " was were am be do does did can could will would shall should may might must has"
                  + " have had i i'm we you he she it they this that these those there here"
                  + " please tell give show explain describe define name list find compute calculate"
                  + " write say make let if in on at of for by as so but also then answer question"
                  + " translate summarize summarise solve compare convert choose select state"
                  + " provide identify use given suppose consider hi hello hey thanks my your our")
              .split(" "));

  private static final Pattern TIME =
      Pattern.compile(
          "\\b(today|tonight|yesterday|tomorrow|nowadays|currently|latest|newest|recent|recently"
              + "|upcoming|right now|at the moment|these days|so far|to date|up to now|breaking"
              + "|forecast|ago|how old (is|are|am)"
              + "|current (?!flow|account|of|in a|through|density)\\w+"
              + "|(this|last|next) (week|weekend|month|quarter|year|decade|century|night|morning"
              + "|afternoon|evening|season|spring|summer|autumn|fall|winter|(mon|tues|wednes|thurs"
              + "|fri|satur|sun)day)"
              + "|(time|date|day|weekday|month|year|hour) is it"
              + "|(tell me|what['’]?s|what is|give me|know) (the )?(local |exact )?(time|date|day|month"
              + "|year)( of day)?(?=\\W*$| now| in \\w+\\W*$| here|,? please)"
              + "|(since|until|till) (now|then)|(how long|how many \\w+)( is it| are there| are left| left)? (until|till|to|before)"
              + "|stock price|share price|exchange rate|weather)\\b|\\bnow\\W*$",
          Pattern.CASE_INSENSITIVE);

  private Specifics() {}

  /** Whether two questions name the same, in the same order. */
  static boolean agree(String one, String other) {
    List<Word> first = words(one);
    List<Word> second = words(other);
    var telling = new HashSet<String>();
    List.of(first, second)
        .forEach(its -> its.stream().filter(Word::telling).map(Word::small).forEach(telling::add));
    negate(first, second, telling);
    negate(second, first, telling);
    return of(first, telling).equals(of(second, telling));
  }

  /** A word of one, and the same with a prefix of the other, are not the same. */
  private static void negate(List<Word> one, List<Word> other, Set<String> telling) {
    Set<String> bare = one.stream().map(Word::small).collect(Collectors.toSet());
    for (Word word : other) {
      for (String prefix : PREFIXES) {
        String stem =
            word.small().startsWith(prefix) ? word.small().substring(prefix.length()) : "";
        if (stem.length() >= SHORTEST_STEM && bare.contains(stem)) {
          telling.add(word.small());
          telling.add(stem);
        }
      }
    }
  }

  /**
   * Whether two questions have the same words in the same order, but for those that ask or join.
   */
  static boolean sameWords(String one, String other) {
    return asked(one).equals(asked(other));
  }

  private static List<String> asked(String question) {
    List<Word> words = words(question);
    var asked = new ArrayList<String>();
    for (int i = 0; i < words.size(); i++) {
      String small = words.get(i).small();
      // An article stands before a word: elsewhere it is a letter.
      boolean article = i + 1 < words.size() && isWord(words.get(i + 1).small());
      boolean filler = FILLERS.contains(small) && (!small.equals("a") || article);
      if (!filler) {
        asked.add(small.equals("which") ? "what" : small);
      }
    }
    return asked;
  }

  private static boolean isWord(String small) {
    return small.length() > 1 && Character.isLetter(small.codePointAt(0));
  }

  /** Whether the answer to a question may be another one tomorrow. */
  static boolean changesWithTime(String question) {
    return TIME.matcher(question).find();
  }

  private static List<String> of(List<Word> words, Collection<String> telling) {
    return words.stream().map(Word::small).filter(telling::contains).toList();
  }

  private record Word(String small, boolean telling) {}

  private static List<Word> words(String text) {
    var words = new ArrayList<Word>();
    Matcher found = WORD.matcher(text);
    while (found.find()) {
      String word = found.group();
      String small = small(word);
      if (small.endsWith("'s")) {
        small = small.substring(0, small.length() - 2);
      }
      boolean digits = Character.isDigit(small.codePointAt(0));
      words.add(new Word(digits ? small.replace(",", "") : small, isTelling(word, small)));
    }
    return words;
  }

  private static String small(String word) {
    String small = word.toLowerCase(Locale.ROOT).replace('’', '\'');
    // "WHO" names somebody where "who" and "Who" do not.
    boolean name = isAcronym(word) && (OPENERS.contains(small) || small.equals("us"));
    return name ? word : small;
  }

  private static boolean isTelling(String word, String small) {
    int first = word.codePointAt(0);
    return !Character.isLetter(first)
        || small.codePoints().anyMatch(Character::isDigit)
        || NUMBERS.contains(small)
        || UNITS.contains(small)
        || NEGATIONS.contains(small)
        || OPPOSITES.contains(small)
        || ASKING.contains(small)
        || small.length() == 1 && !OPENERS.contains(small)
        || isAcronym(word)
        || word.codePoints().anyMatch(Character::isUpperCase) && !OPENERS.contains(small);
  }

  private static boolean isAcronym(String word) {
    return word.length() > 1 && word.codePoints().allMatch(Character::isUpperCase);
  }
}
