#include "engine/beside.h"

#include "engine/source.h"

#include <unistd.h>

static bool find_partner(const char *path, char *partner, size_t room)
{
	for (size_t i = 0; mesh_partner_name(path, i, partner, room); i++)
		if (access(partner, F_OK) == 0)
			return true;
	return false;
}

/* What a control file says; nothing where it is none: it is judged as a file of its own. */
static struct mesh_control read_control(const char *path, struct xml_reader *reader)
{
	struct mesh_control control = { 0 };
	struct source source;
	const char *failure;
	char why[256];
	size_t offset;
	control.unread = source_open(&source, path, MOST_CONTROL_BYTES, &failure) != 0;
	if (control.unread)
		return control;
	enum mesh_reading reading = mesh_read_control(reader, source.bytes, &control, &offset, why);
	control.unread = reading == MESH_UNREADABLE;
	source_close(&source);
	return control;
}

bool beside_look(const char *path, struct xml_reader *reader, struct mesh *mesh)
{
	char partner[4096];
	bool control = mesh_is_control_name(path);
	if (!control && !mesh_is_data_name(path))
		return false;
	bool found = find_partner(path, partner, sizeof(partner));
	*mesh = (struct mesh){ .role = control ? MESH_CONTROL : MESH_DATA,
			       .has_data = control && found };
	if (!control && found)
		mesh->control = read_control(partner, reader);
	return control || found;
}

bool beside_data(const char *control, char *data, size_t room)
{
	return mesh_is_control_name(control) && find_partner(control, data, room);
}
