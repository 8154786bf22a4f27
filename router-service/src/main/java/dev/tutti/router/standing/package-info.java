/** How a replica stands, gathered from all rooms, for people. */
package dev.tutti.router.standing;
