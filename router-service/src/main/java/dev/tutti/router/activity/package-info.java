/**
 * What was asked and how it went, summed up as it happens, so that years can be told in no time.
 */
package dev.tutti.router.activity;
