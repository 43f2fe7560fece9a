/*
 * beside.h - the file of the same name beside a file: a MESH transfer is two of them.
 */
#ifndef CPIS_ENGINE_BESIDE_H
#define CPIS_ENGINE_BESIDE_H

#include "transport/mesh.h"

/* Look for the other half of NAME.ctl or NAME.dat. False: path takes no part in a MESH transfer. */
bool beside_look(const char *path, struct xml_reader *reader, struct mesh *mesh);

/* The data beside a control file, its path written to data; false: there is none. */
bool beside_data(const char *control, char *data, size_t room);

#endif
