/**
 * The admin console: pages for administrators, at {@code /console}. A page is a call of the admin
 * REST, shown: it calls the same resources, takes the same parameters, is refused in the same
 * words, and tells the call as curl. What changes something is a form with a token.
 */
package dev.tutti.registry.console;
