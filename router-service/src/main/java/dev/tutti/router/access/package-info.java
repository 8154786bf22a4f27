/** Who may ask: keys, by the registry's last snapshot, and what each is for. */
package dev.tutti.router.access;
