package dev.tutti.registry.api;

import dev.tutti.kit.testing.PortContract;
import dev.tutti.registry.testing.RegistryTestResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;

@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
class PortTest extends PortContract {}
