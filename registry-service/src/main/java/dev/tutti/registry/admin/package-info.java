/**
 * What administrators want of the other services: fits, evaluations, artifacts, jobs, learners,
 * budgets, answers to a question of their own. Each question is handed on by gRPC to the service
 * that keeps them; what changes something is in the audit log.
 */
package dev.tutti.registry.admin;
