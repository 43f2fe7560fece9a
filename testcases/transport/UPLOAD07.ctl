<?xml version="1.0" encoding="UTF-8"?>
<DTSControl>
	<Version>1.0</Version>
	<AddressType>DTS</AddressType>
	<MessageType>Data</MessageType>
	<From_DTS>ZZ0OT001</From_DTS>
	<To_DTS>ZZ1OT002</To_DTS>
	<Subject>CP-IS upload</Subject>
	<LocalId>7</LocalId>
	<WorkflowId>CPIS_UPLOAD</WorkflowId>
	<Encrypted>N</Encrypted>
	<Compress>Y</Compress>
</DTSControl>
