<?xml version="1.0" encoding="UTF-8"?>
<!--
  certificate.xsl - page one: what was tested, against what, how it went, and lines for signatures.

  It prints on one A4 page, so that every list on it has a limit; the rest of the report has all. What was accepted, why, by
  whom and until when is never cut, and takes a second page rather than that.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:r="urn:cpis:results:1" exclude-result-prefixes="r">

<!-- Most packs, requirements, those that are not met in words, and lines of what was waived or not checked. -->
<xsl:variable name="most-packs" select="3"/>
<xsl:variable name="most-cells" select="35"/>
<xsl:variable name="most-unmet" select="4"/>
<xsl:variable name="most-waived" select="6"/>
<xsl:variable name="most-lines" select="3"/>

<xsl:variable name="meta" select="/r:results/r:run/r:meta"/>
<xsl:variable name="system" select="$meta[@name = 'system'][1]"/>
<xsl:variable name="supplier" select="$meta[@name = 'supplier'][1]"/>
<xsl:variable name="version" select="$meta[@name = 'version'][1]"/>
<xsl:variable name="tester" select="$meta[@name = 'tester' or @name = 'by'][1]"/>

<!-- A pack's own messages show nothing of a supplier's system. -->
<xsl:variable name="evidence" select="boolean(/r:results/r:case[@from = 'evidence' and r:judged] | /r:results/r:case[@from = 'answer' and r:actual])"/>
<!-- Where none of a supplier's cases passed, all that did not fail is waived: that certifies nothing. -->
<xsl:variable name="never" select="boolean(/r:results/r:run/r:options[@fail-on = 'never'])"/>
<xsl:variable name="certifies" select="$evidence and not($never) and boolean(/r:results/r:case[(@from = 'evidence' or @from = 'answer') and @outcome = 'passed']) and (boolean(/r:results/r:case[@from = 'evidence' and @outcome = 'passed']) or not(/r:results/r:case[@from = 'evidence']))"/>
<xsl:variable name="verdict">
	<xsl:choose>
		<xsl:when test="/r:results/@verdict = 'pass' and /r:results/@partial">partial</xsl:when>
		<xsl:otherwise><xsl:value-of select="/r:results/@verdict"/></xsl:otherwise>
	</xsl:choose>
</xsl:variable>

<xsl:template name="certificate">
	<xsl:value-of select="$n"/>
	<section id="verdict" aria-labelledby="verdict-title">
		<xsl:attribute name="class">
			<xsl:text>certificate verdict-</xsl:text>
			<xsl:choose>
				<xsl:when test="$verdict = 'pass' and $of-packs and not($certifies)">none</xsl:when>
				<xsl:otherwise><xsl:value-of select="$verdict"/></xsl:otherwise>
			</xsl:choose>
		</xsl:attribute>
		<xsl:call-template name="certificate-verdict"/>
		<xsl:call-template name="certificate-facts"/>
		<xsl:call-template name="tiles"/>
		<xsl:call-template name="glance"/>
		<xsl:call-template name="reservations"/>
		<xsl:call-template name="digests"/>
		<xsl:if test="$evidence"><xsl:call-template name="signatures"/></xsl:if>
		<p class="certificate-note">
			<xsl:value-of select="concat('Made by cpis ', @tool, '. ')"/>
			<xsl:text>It is about messages: it does not cover how a system behaves between them. CP-IS and its specifications belong to their publishers; this is not an approval by them.</xsl:text>
		</p>
	</section>
</xsl:template>

<xsl:template name="certificate-verdict">
	<xsl:value-of select="$n"/>
	<div class="verdict">
		<p class="verdict-kind">
			<xsl:choose>
				<xsl:when test="$of-packs and $certifies and $verdict = 'pass'">Certificate of conformance</xsl:when>
				<xsl:when test="$of-packs and $evidence">Result of a conformance test</xsl:when>
				<xsl:when test="$of-packs">Result of a test pack: not a certificate</xsl:when>
				<xsl:otherwise>Result of checking messages: not a certificate</xsl:otherwise>
			</xsl:choose>
		</p>
		<p class="verdict-tag"><xsl:call-template name="tag"><xsl:with-param name="status" select="string($verdict)"/></xsl:call-template></p>
		<h1 id="verdict-title"><xsl:value-of select="$summary/r:headline"/></h1>
		<p class="lead"><xsl:value-of select="$summary/r:completeness"/></p>
		<xsl:choose>
			<xsl:when test="$never">
				<p class="caution"><strong>Every message passed by request (--fail-on never).</strong> This must not be used as a certificate.</p>
			</xsl:when>
			<xsl:when test="$evidence and not($certifies) and $verdict = 'pass'">
				<p class="caution"><strong>No case over the supplier’s evidence passed.</strong> All that did not fail is waived. This must not be used as a certificate.</p>
			</xsl:when>
			<xsl:when test="$evidence"/>
			<xsl:when test="$of-packs">
				<p class="caution"><strong>This run read no supplier’s evidence.</strong> It judged the messages of the pack itself, so it shows how cpis judges them. It shows nothing about a supplier’s system, and must not be used as a certificate.</p>
			</xsl:when>
			<xsl:otherwise>
				<p class="caution"><strong>No test pack was run.</strong> This report is about these messages only. It must not be used as a certificate of a system.</p>
			</xsl:otherwise>
		</xsl:choose>
	</div>
</xsl:template>

<xsl:template name="certificate-facts">
	<xsl:value-of select="$n"/>
	<dl class="certificate-facts">
		<xsl:call-template name="certified">
			<xsl:with-param name="name">System</xsl:with-param>
			<xsl:with-param name="value" select="normalize-space(concat($system, ' ', $version))"/>
		</xsl:call-template>
		<xsl:call-template name="certified">
			<xsl:with-param name="name">Supplier</xsl:with-param>
			<xsl:with-param name="value" select="string($supplier)"/>
		</xsl:call-template>
		<xsl:call-template name="certified">
			<xsl:with-param name="name">Specification</xsl:with-param>
			<xsl:with-param name="value" select="string(@dms)"/>
		</xsl:call-template>
		<xsl:if test="r:pack">
			<xsl:value-of select="$n"/>
			<div class="certificate-packs">
				<dt>Tested against</dt>
				<dd>
					<xsl:for-each select="r:pack[position() &lt;= $most-packs]">
						<span class="certificate-pack">
							<xsl:call-template name="cut"><xsl:with-param name="text" select="concat(@name, ' ', @version)"/><xsl:with-param name="most" select="40"/></xsl:call-template>
							<xsl:if test="@title">
								<span class="certificate-pack-title">
									<xsl:text>: </xsl:text>
									<xsl:call-template name="cut"><xsl:with-param name="text" select="@title"/><xsl:with-param name="most" select="90"/></xsl:call-template>
								</span>
							</xsl:if>
						</span>
					</xsl:for-each>
					<xsl:if test="count(r:pack) &gt; $most-packs">
						<span class="certificate-pack"><xsl:value-of select="concat('and ', count(r:pack) - $most-packs, ' more packs')"/></span>
					</xsl:if>
				</dd>
			</div>
		</xsl:if>
		<xsl:value-of select="$n"/>
		<div>
			<dt>Tested</dt>
			<dd>
				<xsl:choose>
					<xsl:when test="@date"><xsl:call-template name="date"/></xsl:when>
					<xsl:otherwise>Date not recorded</xsl:otherwise>
				</xsl:choose>
				<span class="certificate-pack">
					<xsl:choose>
						<xsl:when test="$tester">by <xsl:call-template name="cut"><xsl:with-param name="text" select="string($tester)"/><xsl:with-param name="most" select="60"/></xsl:call-template></xsl:when>
						<xsl:otherwise><span class="muted">by someone who is not named</span></xsl:otherwise>
					</xsl:choose>
				</span>
			</dd>
		</div>
	</dl>
</xsl:template>

<xsl:template name="certified">
	<xsl:param name="name"/>
	<xsl:param name="value"/>
	<xsl:value-of select="$n"/>
	<div>
		<dt><xsl:value-of select="$name"/></dt>
		<dd>
			<xsl:choose>
				<xsl:when test="$value"><xsl:call-template name="cut"><xsl:with-param name="text" select="$value"/><xsl:with-param name="most" select="80"/></xsl:call-template></xsl:when>
				<xsl:otherwise><span class="muted">Not named</span></xsl:otherwise>
			</xsl:choose>
		</dd>
	</div>
</xsl:template>

<!-- The numbers, large. -->
<xsl:template name="tiles">
	<xsl:variable name="cases" select="$summary/r:count[@of = 'cases']"/>
	<xsl:variable name="messages" select="$summary/r:count[@of = 'messages']"/>
	<xsl:value-of select="$n"/>
	<dl class="tiles">
		<xsl:choose>
			<xsl:when test="$of-packs">
				<xsl:call-template name="tile"><xsl:with-param name="name">Cases passed</xsl:with-param><xsl:with-param name="status">passed</xsl:with-param><xsl:with-param name="number" select="$cases[@is = 'passed']/@number"/></xsl:call-template>
				<xsl:call-template name="tile"><xsl:with-param name="name">Failed</xsl:with-param><xsl:with-param name="status">failed</xsl:with-param><xsl:with-param name="number" select="sum($cases[@is = 'failed' or @is = 'broken']/@number)"/></xsl:call-template>
				<xsl:call-template name="tile"><xsl:with-param name="name">Still open</xsl:with-param><xsl:with-param name="status">not run</xsl:with-param><xsl:with-param name="number" select="sum($cases[@is = 'not run' or @is = 'manual']/@number)"/></xsl:call-template>
				<xsl:call-template name="tile"><xsl:with-param name="name">Waived</xsl:with-param><xsl:with-param name="status">waived</xsl:with-param><xsl:with-param name="number" select="$cases[@is = 'waived']/@number"/></xsl:call-template>
				<xsl:call-template name="tile"><xsl:with-param name="name">Left out</xsl:with-param><xsl:with-param name="status">left out</xsl:with-param><xsl:with-param name="number" select="$cases[@is = 'left out']/@number"/></xsl:call-template>
				<xsl:call-template name="tile"><xsl:with-param name="name">Messages judged</xsl:with-param><xsl:with-param name="number" select="$summary/@messages"/></xsl:call-template>
			</xsl:when>
			<xsl:otherwise>
				<xsl:call-template name="tile"><xsl:with-param name="name">Messages passed</xsl:with-param><xsl:with-param name="status">pass</xsl:with-param><xsl:with-param name="number" select="$messages[@is = 'pass']/@number"/></xsl:call-template>
				<xsl:call-template name="tile"><xsl:with-param name="name">Failed</xsl:with-param><xsl:with-param name="status">fail</xsl:with-param><xsl:with-param name="number" select="$messages[@is = 'fail']/@number"/></xsl:call-template>
				<xsl:call-template name="tile"><xsl:with-param name="name">Incomplete</xsl:with-param><xsl:with-param name="status">incomplete</xsl:with-param><xsl:with-param name="number" select="$messages[@is = 'incomplete']/@number"/></xsl:call-template>
				<xsl:if test="$summary/@unread">
					<xsl:call-template name="tile"><xsl:with-param name="name">Not recognised</xsl:with-param><xsl:with-param name="status">incomplete</xsl:with-param><xsl:with-param name="number" select="sum($summary/@unrecognised)"/></xsl:call-template>
					<xsl:call-template name="tile"><xsl:with-param name="name">Not read to the end</xsl:with-param><xsl:with-param name="status">incomplete</xsl:with-param><xsl:with-param name="number" select="$summary/@unread - sum($summary/@unrecognised)"/></xsl:call-template>
				</xsl:if>
				<xsl:for-each select="$summary/r:count[@of = 'findings']">
					<xsl:call-template name="tile">
						<xsl:with-param name="name">
							<xsl:choose><xsl:when test="@is = 'error'">Errors</xsl:when><xsl:when test="@is = 'warning'">Warnings</xsl:when><xsl:otherwise>Notes</xsl:otherwise></xsl:choose>
						</xsl:with-param>
						<xsl:with-param name="status" select="@is"/>
						<xsl:with-param name="number" select="@number"/>
					</xsl:call-template>
				</xsl:for-each>
			</xsl:otherwise>
		</xsl:choose>
	</dl>
</xsl:template>

<xsl:template name="tile">
	<xsl:param name="name"/>
	<xsl:param name="status"/>
	<xsl:param name="number" select="0"/>
	<xsl:value-of select="$n"/>
	<div class="tile">
		<xsl:if test="$number > 0 and $status">
			<xsl:attribute name="class"><xsl:value-of select="concat('tile tile-', translate($status, ' ', '-'))"/></xsl:attribute>
		</xsl:if>
		<dt><xsl:value-of select="$name"/></dt>
		<dd><xsl:value-of select="format-number($number, '#,##0')"/></dd>
	</div>
</xsl:template>

<!-- The outcome of a requirement, in the words of a tag. -->
<xsl:template match="r:requirement" mode="status">
	<xsl:choose>
		<xsl:when test="r:not-testable or not(r:shown-by)">not covered</xsl:when>
		<xsl:otherwise><xsl:value-of select="@outcome"/></xsl:otherwise>
	</xsl:choose>
</xsl:template>

<!-- A cell for each requirement; if there are too many, those that are met are counted only. -->
<xsl:template name="glance">
	<xsl:variable name="all" select="r:requirement"/>
	<xsl:variable name="met" select="$all[@outcome = 'passed']"/>
	<xsl:variable name="few" select="count($all) &lt;= $most-cells"/>
	<xsl:variable name="listed" select="$all[$few or @outcome != 'passed']"/>
	<xsl:if test="$all">
		<xsl:value-of select="$n"/>
		<div class="glance">
			<h2 class="certificate-title">
				<xsl:value-of select="concat('Requirements: ', count($met), ' of ', count($all), ' met')"/>
			</h2>
			<ul class="matrix">
				<xsl:for-each select="$listed[position() &lt;= $most-cells]">
					<xsl:variable name="status"><xsl:apply-templates select="." mode="status"/></xsl:variable>
					<xsl:value-of select="$n"/>
					<li class="cell tag-{translate($status, ' ', '-')}">
						<xsl:call-template name="sign"><xsl:with-param name="status" select="string($status)"/></xsl:call-template>
						<xsl:choose>
							<xsl:when test="$alone"><xsl:value-of select="@id"/></xsl:when>
							<xsl:otherwise><a href="#q-{count(preceding-sibling::r:requirement) + 1}"><xsl:value-of select="@id"/></a></xsl:otherwise>
						</xsl:choose>
						<xsl:text> </xsl:text>
						<span class="cell-word"><xsl:value-of select="$status"/></span>
					</li>
				</xsl:for-each>
				<xsl:if test="count($listed) &gt; $most-cells">
					<li class="cell"><xsl:value-of select="concat(count($listed) - $most-cells, ' more are not met')"/></li>
				</xsl:if>
				<xsl:if test="not($few) and $met">
					<li class="cell tag-passed">
						<xsl:call-template name="sign"><xsl:with-param name="status">passed</xsl:with-param></xsl:call-template>
						<xsl:value-of select="concat(count($met), ' are met')"/>
					</li>
				</xsl:if>
			</ul>
			<xsl:variable name="unmet" select="$all[@outcome != 'passed'][not(r:not-testable)]"/>
			<xsl:if test="$unmet">
				<ul class="unmet">
					<xsl:for-each select="$unmet[position() &lt;= $most-unmet]">
						<xsl:variable name="status"><xsl:apply-templates select="." mode="status"/></xsl:variable>
						<li><xsl:call-template name="cut"><xsl:with-param name="text" select="concat(@id, ' ', $status, ': ', r:text)"/><xsl:with-param name="most" select="180"/></xsl:call-template></li>
					</xsl:for-each>
					<xsl:call-template name="and-more"><xsl:with-param name="count" select="count($unmet) - $most-unmet"/></xsl:call-template>
				</ul>
			</xsl:if>
		</div>
	</xsl:if>
</xsl:template>

<!-- What was waived, and what was not checked. -->
<xsl:template name="reservations">
	<xsl:variable name="waived" select="r:case[@outcome = 'waived'] | r:message/r:finding[r:waived][not(../@outcome = 'waived')]"/>
	<xsl:variable name="open" select="r:case[@outcome = 'not run' or @outcome = 'manual' or @outcome = 'left out'] | r:message/r:omission | r:run/r:options/r:skipped-stage | r:requirement[r:not-testable] | r:rule[r:override/@to = 'off' or (@judged = 0 and @blocked > 0)] | r:left-out"/>
	<xsl:value-of select="$n"/>
	<div class="reservations">
		<div>
			<xsl:if test="$waived"><xsl:attribute name="class">accepted</xsl:attribute></xsl:if>
			<h2 class="certificate-title">Accepted</h2>
			<xsl:choose>
				<xsl:when test="$waived">
					<ul>
						<xsl:apply-templates select="$waived[position() &lt;= $most-waived]" mode="line"/>
						<xsl:call-template name="and-more"><xsl:with-param name="count" select="count($waived) - $most-waived + $summary/@waived-findings - count(r:message/r:finding[r:waived])"/></xsl:call-template>
					</ul>
				</xsl:when>
				<xsl:otherwise><p>Nothing.</p></xsl:otherwise>
			</xsl:choose>
		</div>
		<div>
			<h2 class="certificate-title">Not checked</h2>
			<xsl:choose>
				<xsl:when test="$open or $summary/@unread">
					<ul>
						<xsl:call-template name="unread-line"><xsl:with-param name="count" select="sum($summary/@unrecognised)"/><xsl:with-param name="how"> not recognised</xsl:with-param></xsl:call-template>
						<xsl:call-template name="unread-line"><xsl:with-param name="count" select="sum($summary/@unread) - sum($summary/@unrecognised)"/><xsl:with-param name="how"> not read to the end</xsl:with-param></xsl:call-template>
						<xsl:apply-templates select="$open[position() &lt;= $most-lines]" mode="line"/>
						<xsl:call-template name="and-more"><xsl:with-param name="count" select="count($open) - $most-lines + $summary/@omissions - count(r:message/r:omission)"/></xsl:call-template>
					</ul>
				</xsl:when>
				<xsl:otherwise><p>
					<xsl:choose>
						<xsl:when test="$verdict != 'partial' and $verdict != 'incomplete' and not(r:rule[@blocked &gt; 0]) and not(starts-with($summary/r:completeness, 'Not '))">Nothing that applies was left unchecked.</xsl:when>
						<xsl:otherwise>Not everything could be checked: the report says what.</xsl:otherwise>
					</xsl:choose>
				</p></xsl:otherwise>
			</xsl:choose>
		</div>
	</div>
</xsl:template>

<xsl:template name="and-more">
	<xsl:param name="count"/>
	<xsl:if test="$count &gt; 0">
		<li class="muted"><xsl:value-of select="concat('and ', format-number($count, '#,##0'), ' more')"/></li>
	</xsl:if>
</xsl:template>

<!-- "18 messages were not read to the end", and where they are listed. -->
<xsl:template name="unread-line">
	<xsl:param name="count"/>
	<xsl:param name="how"/>
	<xsl:variable name="line">
		<xsl:call-template name="plural"><xsl:with-param name="count" select="$count"/><xsl:with-param name="noun">message</xsl:with-param></xsl:call-template>
		<xsl:choose><xsl:when test="$count = 1"> was</xsl:when><xsl:otherwise> were</xsl:otherwise></xsl:choose>
		<xsl:value-of select="$how"/>
	</xsl:variable>
	<xsl:if test="$count &gt; 0">
		<li>
			<xsl:choose>
				<xsl:when test="$alone"><xsl:value-of select="$line"/></xsl:when>
				<xsl:otherwise><a href="#unchecked"><xsl:value-of select="$line"/></a></xsl:otherwise>
			</xsl:choose>
		</li>
	</xsl:if>
</xsl:template>

<!-- "UPL-001 (error): transmissionQuantity differs from the number of records" -->
<xsl:template match="r:finding" mode="named">
	<xsl:value-of select="concat(@rule, ' (')"/>
	<xsl:call-template name="word"><xsl:with-param name="status" select="@severity"/></xsl:call-template>
	<xsl:value-of select="concat('): ', key('rule', @rule)/r:title)"/>
</xsl:template>

<!-- What was accepted, and then the reason, who gave it and until when, all in its words. -->
<xsl:template match="r:case[@outcome = 'waived']" mode="line" priority="1">
	<xsl:variable name="findings" select="key('message', r:judged/@message)/r:finding[r:waived]"/>
	<li>
		<xsl:value-of select="concat(@id, ' ', @title)"/>
		<xsl:for-each select="$findings[not(@rule = preceding-sibling::r:finding[r:waived]/@rule)]">
			<xsl:text>; </xsl:text>
			<xsl:apply-templates select="." mode="named"/>
		</xsl:for-each>
		<xsl:text>.</xsl:text>
		<span class="certificate-why"><xsl:value-of select="r:reason"/></span>
	</li>
</xsl:template>

<xsl:template match="r:case" mode="line">
	<li>
		<xsl:call-template name="cut"><xsl:with-param name="text" select="concat(@id, ' ', @title)"/><xsl:with-param name="most" select="100"/></xsl:call-template>
		<xsl:text>: </xsl:text>
		<xsl:choose>
			<xsl:when test="@outcome = 'not run'">no evidence</xsl:when>
			<xsl:when test="@outcome = 'manual'">not answered</xsl:when>
			<xsl:otherwise><xsl:value-of select="@outcome"/></xsl:otherwise>
		</xsl:choose>
	</li>
</xsl:template>

<xsl:template match="r:finding" mode="line">
	<li><xsl:apply-templates select="." mode="named"/><xsl:value-of select="concat(', in ', ../@source, '.')"/><span class="certificate-why"><xsl:value-of select="r:waived"/></span></li>
</xsl:template>

<xsl:template match="r:omission" mode="line">
	<li><xsl:call-template name="cut"><xsl:with-param name="text" select="concat(r:what, ': ', r:why)"/><xsl:with-param name="most" select="140"/></xsl:call-template></li>
</xsl:template>

<xsl:template match="r:requirement" mode="line">
	<li><xsl:call-template name="cut"><xsl:with-param name="text" select="concat(@id, ' ', r:text, ' Messages cannot show it.')"/><xsl:with-param name="most" select="160"/></xsl:call-template></li>
</xsl:template>

<xsl:template match="r:left-out" mode="line">
	<li><xsl:call-template name="cut"><xsl:with-param name="text" select="concat(r:what, ': skipped, because ', r:why)"/><xsl:with-param name="most" select="160"/></xsl:call-template></li>
</xsl:template>

<xsl:template match="r:rule" mode="line">
	<li>
		<xsl:choose>
			<xsl:when test="r:override/@to = 'off'"><xsl:call-template name="cut"><xsl:with-param name="text" select="concat(@id, ': turned off. ', r:override)"/><xsl:with-param name="most" select="140"/></xsl:call-template></xsl:when>
			<xsl:otherwise><xsl:value-of select="concat(@id, ': the part it applies to was broken')"/></xsl:otherwise>
		</xsl:choose>
	</li>
</xsl:template>

<xsl:template match="r:skipped-stage" mode="line">
	<li><xsl:value-of select="concat('The stage ', ., ', by request')"/></li>
</xsl:template>

<xsl:template name="digests">
	<xsl:value-of select="$n"/>
	<div class="digests">
		<h2 class="certificate-title">Digests</h2>
		<dl>
			<xsl:if test="@digest"><div><dt>Input digest</dt><dd><xsl:value-of select="@digest"/></dd></div></xsl:if>
			<xsl:for-each select="r:pack[@digest][position() &lt;= $most-packs]">
				<div><dt><xsl:value-of select="concat('Pack ', @name)"/></dt><dd><xsl:value-of select="@digest"/></dd></div>
			</xsl:for-each>
			<xsl:if test="@ruleset"><div><dt><xsl:value-of select="concat(count(r:rule), ' rules')"/></dt><dd><xsl:value-of select="@ruleset"/></dd></div></xsl:if>
		</dl>
	</div>
</xsl:template>

<xsl:template name="signatures">
	<xsl:value-of select="$n"/>
	<div class="signatures">
		<h2 class="certificate-title">Signatures</h2>
		<div class="signature"><p class="signature-of">For the supplier</p><p>Name</p><p>Signature</p><p>Date</p></div>
		<div class="signature"><p class="signature-of">For the assurer</p><p>Name</p><p>Signature</p><p>Date</p></div>
	</div>
</xsl:template>

</xsl:stylesheet>
