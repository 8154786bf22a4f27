package dev.tutti.registry.admin;

import dev.tutti.job.v1.Job;

/**
 * A job, with the service that runs it.
 *
 * @param service e.g. "router-service"
 */
public record JobOf(String service, Job job) {}
