/*
 * setup.h - all tables of the program, made once.
 */
#ifndef CPIS_ENGINE_SETUP_H
#define CPIS_ENGINE_SETUP_H

/*
 * Names, schemas, bindings, rules. Every public function that judges calls it first, on any
 * thread; later calls do nothing. -1, then and ever after: a table is wrong or too small, or there
 * was no memory for it.
 */
int engine_setup(void);

#endif
