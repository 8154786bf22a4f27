package dev.tutti.kit.grpc;

import io.grpc.BindableService;
import io.quarkus.arc.Unremovable;
import io.quarkus.grpc.runtime.GrpcContainer;
import jakarta.annotation.Priority;
import jakarta.enterprise.inject.Alternative;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Hands Quarkus's gRPC server every service with {@link WholeRequests} around it: an interceptor is
 * asked too late, a request has been read by then. A singleton, for Quarkus calls methods that a
 * proxy could not pass on.
 */
@Alternative
@Priority(1)
@Singleton
@Unremovable
public class GuardedServices extends GrpcContainer {

  private final WholeRequests requests;

  GuardedServices(
      @ConfigProperty(name = "tutti.grpc.request-timeout", defaultValue = "60s") Duration timeout) {
    requests = new WholeRequests(timeout);
  }

  @Override
  @SuppressWarnings("unchecked") // All that the proxy adds is how it is walked through.
  public Instance<BindableService> getServices() {
    Instance<BindableService> services = super.getServices();
    return (Instance<BindableService>)
        Proxy.newProxyInstance(
            GuardedServices.class.getClassLoader(),
            new Class<?>[] {Instance.class},
            (_, method, arguments) -> {
              if (method.getName().equals("iterator")) {
                return guarded(services).iterator();
              }
              try {
                return method.invoke(services, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private List<BindableService> guarded(Instance<BindableService> services) {
    var guarded = new ArrayList<BindableService>();
    services.forEach(service -> guarded.add(() -> requests.guard(service.bindService())));
    return guarded;
  }
}
