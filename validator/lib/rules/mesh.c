/* MESH transfers: a control file, and the data beside it. transport/mesh.c judges them. */
#include "rules/catalogue.h"

#define CONTROL_FILE "MESH client interface specification, control files"

static const struct rule trn_007 = {
	.id = "TRN-007",
	.name = "mesh-control-file-alone",
	.severity = CPIS_ERROR,
	.extent = NOT_READ,
	.basis = CPIS_BASIS_DMS,
	.cite = CONTROL_FILE "; CP-IS DMS 1.0, transports",
	.title = "MESH control file has no data file, or is not a DTSControl document",
	.why = "MESH transfers data only with a control file: without both, nothing is sent.",
	.fix = "Put NAME.dat and NAME.ctl in the same folder. NAME.ctl is an XML document with the "
	       "root element DTSControl.",
};

static const struct rule trn_038 = {
	.id = "TRN-038",
	.name = "nhs-number-in-mesh-control-file",
	.severity = CPIS_ERROR,
	.extent = PERHAPS_NO_MESSAGE,
	.basis = CPIS_BASIS_DMS,
	.cite = "MESH API specification, mex-subject and mex-localid: no personal data",
	.title = "MESH control file, its name or a Mex- header has an NHS number",
	.why = "What a control file says is in logs and reports of everyone on the way, where the "
	       "child's number must not be.",
	.fix = "Send an id of the transfer in LocalId and a general text in Subject, and call the "
	       "files by a number of your own.",
};

static const struct rule trn_039 = {
	.id = "TRN-039",
	.name = "mesh-transfer-failed",
	.severity = CPIS_ERROR,
	.extent = PERHAPS_NO_MESSAGE,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = CONTROL_FILE ": StatusRecord",
	.title = "MESH control file or header says that the transfer failed",
	.why = "The data that it is about was not delivered: the records in it are not in CP-IS.",
	.fix = "Find the cause by its StatusCode (15: not a CP-IS file), and send the data again.",
};

static const struct rule trn_045 = {
	.id = "TRN-045",
	.name = "mesh-control-field-is-wrong",
	.severity = CPIS_ERROR,
	.extent = PERHAPS_NO_MESSAGE,
	.basis = CPIS_BASIS_DMS,
	.cite = CONTROL_FILE,
	.title = "Field of a MESH control file or header is missing, repeated or wrong",
	.why = "MESH does not send the data, or sends it where no one waits for it: the children "
	       "in "
	       "it are not in CP-IS.",
	.fix = "Send Version 1.0, AddressType DTS, MessageType Data, From_DTS, To_DTS and "
	       "WorkflowId, every field once, and what became of a transfer in a StatusRecord.",
};

static const struct rule trn_046 = {
	.id = "TRN-046",
	.name = "mesh-control-file-contradicts-its-data",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = CONTROL_FILE ": MessageType, IsCompressed and Encrypted; mex-content-compressed "
			     "and mex-content-encrypted",
	.title = "MESH control file or header contradicts its data",
	.why = "The receiver unpacks what is not packed, reads what is, or looks for no data: the "
	       "records in it are lost. What is said to be encrypted and is not can be read on its "
	       "way.",
	.fix = "Send MessageType Data with data, IsCompressed Y only with data that you have "
	       "compressed, and Encrypted Y only with data that you have encrypted.",
};

const struct rule *const trn_mesh_rules[] = {
	&trn_007, &trn_038, &trn_039, &trn_045, &trn_046, NULL,
};
