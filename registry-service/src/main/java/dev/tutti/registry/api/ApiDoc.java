package dev.tutti.registry.api;

/** Sentences of the OpenAPI description that are said more than once. */
final class ApiDoc {
  static final String LIMIT = "Most items of the answer, 1 to 200; 50 where it is absent.";
  static final String CURSOR = "`next_cursor` of the part before; absent for the first part.";
  static final String LIFECYCLE =
      "Only those at this point of their life: draft, active, deprecated or retired.";
  static final String TEXT =
      "Only those with this text in their name, an alias or the description, whatever its case.";
  static final String VALIDATE_ONLY =
      "true: all is checked, nothing is stored, and the answer is what would be.";
  static final String USER =
      "Who asks, for the audit log: up to 128 printable ASCII characters; anonymous where it is absent.";
  static final String KEY =
      "1 to 128 printable ASCII characters. Asking again with the same key and body gives the job that was started first;"
          + " with another body, 409.";
  static final String ETAG = "Its version, for If-Match.";
  static final String IF_MATCH =
      "Required. ETag of the version that the change is based on, or * for whichever there is.";
  static final String STALE = "It was changed in the meantime: read it and decide again.";
  static final String TEAM =
      "Whose: the name of a team. What was asked without a key where it is absent, or none.";
  static final String UNAVAILABLE =
      "The database, or a service that must be asked, is not there now; try again after Retry-After.";

  static final String NOT_OFFERED = "The service does not learn, or keeps no such record.";

  private ApiDoc() {}
}
