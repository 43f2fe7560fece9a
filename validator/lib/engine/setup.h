/*
 * setup.h - all tables of the program, made once.
 */
#ifndef CPIS_ENGINE_SETUP_H
#define CPIS_ENGINE_SETUP_H

/*
 * Names, schemas, bindings, rules. Every public function that judges calls it first; later calls do
 * nothing. Not for two threads at once. -1: the tables are out of room.
 */
int engine_setup(void);

#endif
