package dev.tutti.decoder.api;

import dev.tutti.kit.testing.PortContract;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;

@QuarkusTest
@QuarkusTestResource(ScriptedRegistry.class)
class PortTest extends PortContract {}
