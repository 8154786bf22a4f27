package dev.tutti.router.api;

import dev.tutti.kit.testing.PortContract;
import dev.tutti.router.testing.Neighbourhood;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;

@QuarkusTest
@WithTestResource(Neighbourhood.class)
class PortTest extends PortContract {}
