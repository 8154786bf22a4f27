package dev.tutti.registry.console;

import dev.tutti.registry.Ensemble;
import dev.tutti.registry.Entry;
import dev.tutti.registry.Model;
import dev.tutti.registry.api.ArtifactItem;
import dev.tutti.registry.api.DatasetItem;
import dev.tutti.registry.api.MethodList.Method;
import dev.tutti.registry.api.MethodList.MissingService;
import dev.tutti.registry.api.PartnersItem;
import dev.tutti.registry.api.Problem;
import dev.tutti.registry.api.ShadowItem;
import dev.tutti.registry.api.UserResource;
import dev.tutti.registry.api.WebhookResource;
import dev.tutti.registry.key.Team;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** Every template of the console, with what it shows; the build holds the two together. */
@CheckedTemplate(basePath = "console")
final class Templates {

  private Templates() {}

  /** What went wrong. */
  static native TemplateInstance problem(Frame frame, Problem problem);

  /** What was asked of late, and how the platform stands. */
  static native TemplateInstance overview(Frame frame, OverviewPages.View view);

  /** How members compare by feedback. */
  static native TemplateInstance leaderboard(Frame frame, LeaderboardPages.View view);

  /** Models, a part of them. */
  static native TemplateInstance models(Frame frame, ModelPages.Listing listing);

  /** One model. */
  static native TemplateInstance model(
      Frame frame, EntryView view, Model model, List<Ensemble> users);

  /** The form of a model. */
  static native TemplateInstance modelForm(
      Frame frame, EntryForm form, boolean endpoint, Model found);

  /** Ensembles, a part of them. */
  static native TemplateInstance ensembles(Frame frame, EnsemblePages.Listing listing);

  /** One ensemble. */
  static native TemplateInstance ensemble(
      Frame frame, EntryView view, Ensemble ensemble, List<Ensemble> users);

  /** The catalog of methods, to choose one of. */
  static native TemplateInstance methods(
      Frame frame,
      Problem problem,
      List<Method> methods,
      List<MissingService> missing,
      Set<String> families,
      String family,
      String text,
      String csv);

  /** The form of an ensemble. */
  static native TemplateInstance ensembleForm(
      Frame frame,
      EntryForm form,
      Method method,
      List<Field> settings,
      List<Field> common,
      Candidates.Members members,
      List<String> warnings,
      boolean isGood);

  /** One question, and what several answered to it. */
  static native TemplateInstance playground(Frame frame, PlaygroundView view);

  /** Decisions, a part of them. */
  static native TemplateInstance decisions(Frame frame, DecisionPages.Listing listing);

  /** One decision. */
  static native TemplateInstance decision(Frame frame, DecisionView view);

  /** Datasets, a part of them. */
  static native TemplateInstance datasets(Frame frame, List<DatasetItem> datasets, String next);

  /** One dataset. */
  static native TemplateInstance dataset(Frame frame, DatasetItem dataset);

  /** Artifacts, a part of them. */
  static native TemplateInstance artifacts(Frame frame, ArtifactPages.Listing listing);

  /** One artifact. */
  static native TemplateInstance artifact(
      Frame frame, ArtifactItem artifact, List<ArtifactPages.Row> rows);

  /** Versions side by side. */
  static native TemplateInstance comparison(Frame frame, ComparisonPages.View view);

  /** What a version in shadow would have done differently. */
  static native TemplateInstance shadow(
      Frame frame, String service, ShadowItem report, Set<String> members);

  /** The methods that can be fitted, to choose one of. */
  static native TemplateInstance fits(
      Frame frame, List<Method> methods, List<MissingService> missing, String dataset);

  /** The form of a fit. */
  static native TemplateInstance fitForm(Frame frame, FitPages.View view);

  /** The form of a recording. */
  static native TemplateInstance recordForm(Frame frame, RecordPages.View view);

  /** The form that takes rated decisions over. */
  static native TemplateInstance ratedForm(Frame frame, List<Field> fields, Problem problem);

  /** Evaluations, a part of them. */
  static native TemplateInstance evaluations(
      Frame frame, List<EvaluationView> evaluations, String next);

  /** One evaluation. */
  static native TemplateInstance evaluation(Frame frame, EvaluationView evaluation);

  /** The form of an evaluation. */
  static native TemplateInstance evaluationForm(Frame frame, EvaluationPages.View view);

  /** A dataset's queries, a part of them. */
  static native TemplateInstance queries(Frame frame, QueryPages.Listing listing);

  /** Who may write together. */
  static native TemplateInstance partners(Frame frame, PartnersItem partners, String csv);

  /** The form of an import. */
  static native TemplateInstance importForm(Frame frame, List<Field> fields, Problem problem);

  /** Jobs, a part of them. */
  static native TemplateInstance jobs(Frame frame, JobPages.Listing listing);

  /** One job. */
  static native TemplateInstance job(Frame frame, JobPages.One one);

  /** Teams, a part of them. */
  static native TemplateInstance teams(Frame frame, List<Team> teams, String next);

  /** One team, and its newest keys. */
  static native TemplateInstance team(Frame frame, TeamPages.One one);

  /** The form of a team. */
  static native TemplateInstance teamForm(Frame frame, List<Field> fields, Problem problem);

  /** Keys, a part of them. */
  static native TemplateInstance keys(Frame frame, KeyPages.Listing listing);

  /** One key. */
  static native TemplateInstance key(Frame frame, KeyRow row);

  /** The form of a key. */
  static native TemplateInstance keyForm(
      Frame frame, String action, boolean isNew, List<Field> fields, Problem problem);

  /** A key's text, which is told this once. */
  static native TemplateInstance keyMade(
      Frame frame, String id, String text, Instant previousUntil);

  /** Who is told of budgets, a part of them, and the form of a new one. */
  static native TemplateInstance webhooks(Frame frame, WebhookPages.Listing listing);

  /** A webhook's secret, which is told this once. */
  static native TemplateInstance webhookMade(Frame frame, WebhookResource.Made made);

  /** Changes, a part of them. */
  static native TemplateInstance audit(Frame frame, AuditPages.Listing listing);

  /** Where people sign in. */
  static native TemplateInstance signIn(
      Frame frame, Problem problem, String user, String to, boolean oidc);

  /** That one is signed out here, and where one is at the provider. */
  static native TemplateInstance signedOut(Frame frame, String provider);

  /** Who one is, and the form that changes one's password. */
  static native TemplateInstance account(Frame frame, Problem problem, String to);

  /** Users, a part of them. */
  static native TemplateInstance users(
      Frame frame, List<UserResource.Item> users, String next, Problem problem, List<Field> fields);

  /** One user. */
  static native TemplateInstance user(
      Frame frame, UserResource.Item user, Problem problem, List<String> roles);

  /** A one-time password, this once. */
  static native TemplateInstance oneTimePassword(Frame frame, UserResource.Made made);

  /** What differs between two versions. */
  static native TemplateInstance diff(
      Frame frame, Entry newest, Entry before, Entry after, List<Difference> differences);
}
