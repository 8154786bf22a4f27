package dev.tutti.fusion.api;

import dev.tutti.kit.testing.NeighbourPorts;
import dev.tutti.kit.testing.PortContract;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;

@QuarkusTest
@QuarkusTestResource(
    value = NeighbourPorts.class,
    initArgs = @ResourceArg(name = "clients", value = "decoder,router"))
class PortTest extends PortContract {}
