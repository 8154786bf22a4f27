package dev.tutti.router.members;

import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.router.Router;
import dev.tutti.router.RouterCatalog;
import dev.tutti.router.fit.Learned;
import jakarta.enterprise.context.ApplicationScoped;

/** The methods of this service, with what it has learned. */
@ApplicationScoped
public class Methods {

  private final MethodCatalog<Router> catalog;

  Methods(Learned learned) {
    catalog = RouterCatalog.of(learned);
  }

  /** The methods by name. What one of them makes holds what was learned when it was made. */
  public MethodCatalog<Router> catalog() {
    return catalog;
  }
}
