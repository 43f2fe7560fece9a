/*
 * start.h - what the program does before it begins: see start.c.
 */
#ifndef CPIS_CLI_START_H
#define CPIS_CLI_START_H

/* Names in the table for the loader that it passes over: where DT_RELR, DT_RELRSZ and DT_RELRENT
 * were, for start.c. relrc puts them there. */
enum { OWN_RELR = 0x60637001, OWN_RELRSZ, OWN_RELRENT };

#endif
