package dev.tutti.cascade.cache;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What two questions must have in common, in the same order, however similar they are: names
 * (capitalised words and acronyms), numbers, units, negations and words whose opposite reads almost
 * the same. A sentence embedding sees little of them: reversals score 0.83 to 0.99 (GPTCache, issue
 * 694).
 *
 * <p>A word that is a name in one question counts in the other one too, also in small letters. The
 * words of the lists are English; of questions in other languages names, numbers and symbols are
 * compared.
 */
final class Specifics {

  private static final Pattern WORD =
      Pattern.compile("\\d+(?:[.,:]\\d+)*|[\\p{L}\\p{M}\\d]+(?:['’][\\p{L}]+)?|[%$€£¥°+*/<>=^-]");

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
          ("no not never none nobody nothing neither nor without cannot except unless lacks lacking"
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
                  + " good bad safe unsafe legal illegal possible impossible plus minus times divided")
              .split(" "));

  /** How a sentence may begin without naming anything. */
  private static final Set<String> OPENERS =
      Set.of(
          ("a an the what what's which who who's whom whose when where where's why how how's is are"
                  + " was were am be do does did can could will would shall should may might must has"
                  + " have had i i'm we you he she it it's they this that these those there here"
                  + " please tell give show explain describe define name list find compute calculate"
                  + " write say make let if in on at of for by as so but also then answer question"
                  + " translate summarize summarise solve compare convert choose select state"
                  + " provide identify use given suppose consider hi hello hey thanks my your our")
              .split(" "));

  private static final Pattern TIME =
      Pattern.compile(
          "\\b(today|tonight|yesterday|tomorrow|nowadays|currently|latest|newest|recent|recently"
              + "|right now|at the moment|these days|breaking|forecast"
              + "|current (?!flow|account|of|in a|through|density)\\w+"
              + "|(this|last|next) (week|month|year|night|morning|evening|season)"
              + "|what time is it|stock price|share price|exchange rate|weather)\\b",
          Pattern.CASE_INSENSITIVE);

  private Specifics() {}

  /** Whether two questions name the same, in the same order. */
  static boolean agree(String one, String other) {
    List<Word> first = words(one);
    List<Word> second = words(other);
    var telling = new HashSet<String>();
    List.of(first, second)
        .forEach(its -> its.stream().filter(Word::telling).map(Word::small).forEach(telling::add));
    return of(first, telling).equals(of(second, telling));
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
      String small = word.toLowerCase(Locale.ROOT).replace('’', '\'');
      if (small.endsWith("'s") && !OPENERS.contains(small)) {
        small = small.substring(0, small.length() - 2);
      }
      boolean digits = Character.isDigit(small.codePointAt(0));
      words.add(new Word(digits ? small.replace(",", "") : small, isTelling(word, small)));
    }
    return words;
  }

  private static boolean isTelling(String word, String small) {
    int first = word.codePointAt(0);
    return !Character.isLetter(first)
        || small.codePoints().anyMatch(Character::isDigit)
        || NUMBERS.contains(small)
        || UNITS.contains(small)
        || NEGATIONS.contains(small)
        || OPPOSITES.contains(small)
        || isAcronym(word)
        || word.codePoints().anyMatch(Character::isUpperCase) && !OPENERS.contains(small);
  }

  /** "WHO" names somebody where "who" and "Who" do not. */
  private static boolean isAcronym(String word) {
    return word.length() > 1 && word.codePoints().allMatch(Character::isUpperCase);
  }
}
