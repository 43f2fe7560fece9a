/*
 * walk.h - which files a path means.
 */
#ifndef CPIS_ENGINE_WALK_H
#define CPIS_ENGINE_WALK_H

#include "base/arena.h"
#include "base/digest.h"
#include "base/inputs.h"

#include <sys/types.h>

struct cpis_failure;

struct walk_entry {
	const char *path;
	const char *passed_over; /* why it is not judged; NULL: it is, if it may hold a message */
	bool doubtful;		 /* found in a folder, and not opened yet */
	bool no_message;	 /* passed over, and not because it was judged already */
	bool by_name;		 /* passed over before any file was opened */
	bool beside;		 /* not named: the other file of its MESH transfer is */
	bool untold;		 /* passed over, and no one needs to know: it was named once */
	size_t root;		 /* of the results, from 1: the folder it was found in; 0: none */
};

struct cpis_options;

/* A folder that was listed. */
struct walk_folder {
	dev_t device;
	ino_t number;
};

/*
 * A part of a run: of all entries it has those whose path has a digest (SHA-256, its first eight
 * bytes as a number) that leaves the remainder number - 1 when divided by of. The path is that
 * below the folder that was named, or that of a file as it was named; of the two files of a MESH
 * transfer, which stay together, without its ending.
 */
struct walk_shard {
	size_t number, of;     /* number from 1 */
	size_t files;	       /* entries of the whole, but for those passed over by their names */
	struct digest listing; /* of the paths of these */
};

struct walk {
	struct arena arena;
	struct walk_entry *entries;
	size_t count, room;
	struct walk_folder *folders;
	size_t folder_count, folder_room;
	/* Files may come by a second name: there was a link, or there are several paths. Until then
	 * no file is looked at. */
	bool has_names;
	size_t known_count;	 /* entries that are in files, once they may come again */
	struct file_table files; /* value: the entry, from 1; 0: it is not kept. own: its name says
				  * that it is judged */
	const struct cpis_options *options; /* what they exclude; NULL: nothing */
	struct walk_shard *shard;	    /* what is not in it is not kept; NULL: all is */
	bool was_folder;		    /* the path that was walked last */
	bool beside;			    /* what is added is beside a file that was named */
	size_t root_bytes; /* of the paths that are walked now: before what is in the folder */
};

/*
 * A file (and its data, when it is a MESH control file), "-", or every file below a folder in order
 * of name. Passed over are hidden names, what is not a regular file, a file that was found before
 * by this or another name, and a folder that was listed before, so that loops of links end. What is
 * found in a folder is doubtful: whoever opens it first settles whether it is judged. Entries are
 * added to a walk, which starts zeroed. -1 with the reason when the path does not exist; the walk
 * may be used on.
 */
int walk_path(struct walk *walk, const char *path, struct cpis_failure *failure);
/* A path that is judged whatever it is: one that does not exist shows as incomplete. */
int walk_add_unread(struct walk *walk, const char *path, struct cpis_failure *failure);
void walk_release(struct walk *walk);

/* Pass over a doubtful file that does not begin like any kind of message. head: its first bytes, up
 * to WALK_HEAD_BYTES. Entries are for one thread each. */
enum { WALK_HEAD_BYTES = 4096 };
void walk_settle(struct walk_entry *entry, struct str head);

/* The same, of a file that is not open. One that cannot be opened is judged all the same: it must
 * show as incomplete, not vanish. */
void walk_settle_unopened(struct walk_entry *entry);

/* Once all are settled: -1 with the reason when none of a range of them begins like a message. */
int walk_require_one(const struct walk *walk, size_t from, size_t until, const char *path,
		     struct cpis_failure *failure);

#endif
