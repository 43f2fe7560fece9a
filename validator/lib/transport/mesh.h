/*
 * mesh.h - a MESH transfer: NAME.dat, the data, beside NAME.ctl, a DTSControl document.
 */
#ifndef CPIS_TRANSPORT_MESH_H
#define CPIS_TRANSPORT_MESH_H

#include "base/str.h"

struct parcel;
struct unwrapping;
struct xml_reader;

enum { MOST_CONTROL_BYTES = 1024 * 1024, MESH_ENDING_BYTES = 4 };

/* The format of a count that a header says: a long one may be a number of a person. */
#define MESH_COUNT "\x0e-%zu\x0f"

/* What a control file says of its data. */
struct mesh_control {
	bool encrypted;	      /* or so it says */
	bool report;	      /* on an earlier transfer: it has no data */
	bool unread;	      /* it could not be read: what it says is not known */
	char compressed;      /* what IsCompressed says, in capitals: 'Y' or 'N'; 0: nothing */
	bool transferred;     /* it has a StatusRecord, or is not of a call that sends */
	bool failed;	      /* which says that the transfer was not delivered */
	bool headers;	      /* it is the head of a call over HTTP */
	bool coded;	      /* that says besides that the body is encoded */
	size_t chunk, chunks; /* of that; 0: it does not say */
};

/* Why a control file that is in order is left out. */
#define MESH_HAS_DATA  "it is the control file of the .dat file beside it"
#define MESH_IS_REPORT "it reports on a transfer: it has no data"

enum mesh_role { MESH_CONTROL, MESH_DATA };

/* How a file relates to the one of the same name beside it. */
struct mesh {
	enum mesh_role role;
	bool has_data;		     /* of a control file */
	bool personal_name;	     /* the file's name has an NHS number */
	size_t partners;	     /* files that may be the other half, by case of their names */
	struct mesh_control control; /* of data: what the file beside it says */
};

/* Whether the name at the end of a path has an NHS number in it. */
bool mesh_name_is_personal(const char *path);

/* Whether a name ends in .ctl or .dat, in any case. */
bool mesh_is_control_name(const char *name);
bool mesh_is_data_name(const char *name);
/*
 * The ways in which the other half of a pair may be called, from 0 on: "X.dat" for "X.CTL", then
 * "X.DAT" and so on, then "./X.dat", as archives may call it. False past the last, and where
 * partner has no room.
 */
bool mesh_partner_name(const char *name, size_t way, char *partner, size_t room);

enum mesh_reading {
	MESH_READ,
	MESH_NO_CONTROL, /* it is not a DTSControl document */
	MESH_UNREADABLE	 /* not known: out of memory, or a limit was reached */
};

/* Read a control file. *offset and why, which has room for 256 bytes, say what was not as expected.
 */
enum mesh_reading mesh_read_control(struct xml_reader *reader, struct str bytes,
				    struct mesh_control *control, size_t *offset, char *why);

/* What a call to MESH is for, by its request line. */
struct mesh_call {
	bool sends;   /* .../BOX/outbox: it gives a message to MESH */
	size_t chunk; /* .../outbox/ID/2 or .../inbox/ID/2: of the body; 0: the path does not say */
};

struct mesh_call mesh_read_call(struct str request_line);

/*
 * The Mex- fields of a call over HTTP say what a control file says. Judge them, and learn what they
 * say of the body. start: of the call in the parcel.
 */
void mesh_judge_headers(struct unwrapping *unwrapping, const struct parcel *parcel, size_t start,
			struct str head, const struct mesh_call *call,
			struct mesh_control *control);

/* Whether data is encrypted, as is said of it. It is not where a message can be read in it. */
bool mesh_is_encrypted(const struct mesh_control *control, struct str data);

/* What a control file or the head of a call says, against the data, which is at an offset of the
 * parcel. */
void mesh_judge_data(struct unwrapping *unwrapping, const struct parcel *parcel, size_t offset,
		     struct str data, const struct mesh_control *control);

#endif
