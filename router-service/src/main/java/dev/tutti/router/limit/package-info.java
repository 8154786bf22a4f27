/** How much a key may use, over all replicas. */
package dev.tutti.router.limit;
