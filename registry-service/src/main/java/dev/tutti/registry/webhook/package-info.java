/** Tells whoever wants to hear of it that keys have spent what was to be warned of. */
package dev.tutti.registry.webhook;
