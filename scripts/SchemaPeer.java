import java.io.File;
import javax.xml.XMLConstants;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.SchemaFactory;

/** The JDK's own schema validation of one document, for make bench. */
public class SchemaPeer {
	public static void main(String[] arguments) throws Exception {
		SchemaFactory factory = SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI);
		factory.newSchema(new File(arguments[0])).newValidator()
			.validate(new StreamSource(new File(arguments[1])));
	}
}
