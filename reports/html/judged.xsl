<?xml version="1.0" encoding="UTF-8"?>
<!-- judged.xsl - the sixth section: every case of the packs, and every message. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:r="urn:cpis:results:1" exclude-result-prefixes="r">

<xsl:template name="judged">
	<xsl:value-of select="$n"/>
	<section id="judged" aria-labelledby="judged-title">
		<xsl:call-template name="heading"><xsl:with-param name="id">judged</xsl:with-param></xsl:call-template>
		<xsl:for-each select="r:pack">
			<xsl:value-of select="$n"/>
			<h3><xsl:value-of select="@title"/></h3>
			<p class="muted">
				<xsl:value-of select="concat(@name, ' ', @version, ', ')"/>
				<xsl:call-template name="plural"><xsl:with-param name="count" select="@cases"/><xsl:with-param name="noun">case</xsl:with-param></xsl:call-template>
			</p>
			<xsl:apply-templates select="$cases[@pack = current()/@name]"/>
			<xsl:call-template name="more">
				<xsl:with-param name="count" select="@cases - count($cases[@pack = current()/@name])"/>
				<xsl:with-param name="noun">case</xsl:with-param>
			</xsl:call-template>
		</xsl:for-each>
		<xsl:if test="$cases and not(r:pack)">
			<xsl:value-of select="$n"/>
			<h3>What the run was given</h3>
			<xsl:apply-templates select="$cases"/>
		</xsl:if>
		<xsl:if test="$cases or $of-packs">
			<xsl:value-of select="$n"/>
			<h3>Messages</h3>
		</xsl:if>
		<xsl:choose>
			<xsl:when test="r:message"><p>All messages that were checked, in order of input, with how each was wrapped and what was found in it.</p></xsl:when>
			<xsl:otherwise><p>No messages were checked.</p></xsl:otherwise>
		</xsl:choose>
		<xsl:choose>
			<xsl:when test="$many"><ul class="lines"><xsl:apply-templates select="$messages" mode="brief"/></ul></xsl:when>
			<xsl:otherwise><xsl:apply-templates select="$messages"/></xsl:otherwise>
		</xsl:choose>
		<xsl:call-template name="more">
			<xsl:with-param name="count" select="$summary/@messages - count($messages)"/>
			<xsl:with-param name="noun">message</xsl:with-param>
		</xsl:call-template>
	</section>
</xsl:template>

<!-- A message on a line, where there are many. -->
<xsl:template match="r:message" mode="brief">
	<xsl:value-of select="$n"/>
	<li id="m-{@n}" class="message">
		<xsl:attribute name="data-outcome"><xsl:call-template name="outcome"/></xsl:attribute>
		<xsl:value-of select="@verdict"/>
		<xsl:text> </xsl:text>
		<strong><xsl:value-of select="@source"/></strong>
		<xsl:if test="@type"><xsl:value-of select="concat(', ', @type)"/></xsl:if>
		<xsl:variable name="found" select="count(r:finding) + sum(r:unlisted/@number)"/>
		<xsl:if test="$found &gt; 0">
			<xsl:text>, </xsl:text>
			<xsl:call-template name="plural"><xsl:with-param name="count" select="$found"/><xsl:with-param name="noun">finding</xsl:with-param></xsl:call-template>
		</xsl:if>
		<xsl:if test="@sha256"><xsl:text> </xsl:text><span class="digest"><xsl:value-of select="@sha256"/></span></xsl:if>
		<xsl:for-each select="r:omission">
			<span class="small"><xsl:value-of select="concat(' Not checked: ', r:what, ', because ', r:why, '.')"/></span>
		</xsl:for-each>
	</li>
</xsl:template>

<!-- Of the case that judged a message, or else its verdict. -->
<xsl:template name="outcome">
	<xsl:choose>
		<xsl:when test="$of-packs"><xsl:value-of select="@outcome"/></xsl:when>
		<xsl:otherwise><xsl:value-of select="@verdict"/></xsl:otherwise>
	</xsl:choose>
</xsl:template>

<!-- A case that passed takes a few lines; another says what was expected, what was found, and why. -->
<xsl:template match="r:case">
	<xsl:value-of select="$n"/>
	<article id="c-{@n}" class="case case-{translate(@outcome, ' ', '-')}" data-outcome="{@outcome}">
		<h4><code><xsl:value-of select="@id"/></code><xsl:text> </xsl:text><xsl:value-of select="@title"/></h4>
		<xsl:call-template name="tag"><xsl:with-param name="status" select="@outcome"/></xsl:call-template>
		<xsl:choose>
			<xsl:when test="@outcome = 'passed'">
				<p class="case-line">
					<xsl:text>As expected: </xsl:text>
					<xsl:apply-templates select="." mode="said"/>
					<xsl:apply-templates select="." mode="sources"/>
				</p>
			</xsl:when>
			<xsl:when test="@n &gt; $last-card"><xsl:apply-templates select="." mode="brief"/></xsl:when>
			<xsl:otherwise>
				<xsl:apply-templates select="." mode="about"/>
				<xsl:apply-templates select="." mode="sides"/>
				<xsl:apply-templates select="." mode="faults"/>
				<xsl:if test="r:record"><xsl:apply-templates select="." mode="records"/></xsl:if>
			</xsl:otherwise>
		</xsl:choose>
	</article>
</xsl:template>

<!-- In a few lines, after the first that did not pass. -->
<xsl:template match="r:case" mode="brief">
	<p class="case-line">
		<xsl:value-of select="concat('Expected ', r:expected, '. ')"/>
		<xsl:variable name="found" select="key('message', r:judged/@message)/r:finding[@fate = 'unexpected']"/>
		<xsl:if test="$found">
			<xsl:text>Found </xsl:text>
			<xsl:for-each select="$found[position() &lt;= 4]">
				<xsl:variable name="id"><xsl:call-template name="finding-id"/></xsl:variable>
				<xsl:if test="position() &gt; 1">, </xsl:if>
				<a href="#{$id}"><xsl:value-of select="@rule"/></a>
			</xsl:for-each>
			<xsl:if test="count($found) &gt; 4"><xsl:value-of select="concat(' and ', count($found) - 4, ' more')"/></xsl:if>
			<xsl:text>. </xsl:text>
		</xsl:if>
		<xsl:for-each select="r:fault[not(@about = 'unexpected' or @about = 'verdict')][position() &lt;= 3]">
			<xsl:value-of select="concat(r:text, '. ')"/>
		</xsl:for-each>
		<xsl:if test="not(r:fault) and r:reason"><xsl:value-of select="concat(r:reason, '. ')"/></xsl:if>
		<xsl:apply-templates select="." mode="sources"/>
	</p>
</xsl:template>

<!-- "pass", "fail: XML-001", or an answer -->
<xsl:template match="r:case" mode="said">
	<xsl:choose>
		<xsl:when test="r:expects">
			<xsl:value-of select="substring-before(concat(r:expected, ':'), ':')"/>
			<xsl:for-each select="r:expects[position() &lt;= $most-of-a-case]">
				<xsl:choose><xsl:when test="position() = 1">: </xsl:when><xsl:otherwise>, </xsl:otherwise></xsl:choose>
				<xsl:call-template name="rule-link"><xsl:with-param name="id" select="@rule"/></xsl:call-template>
			</xsl:for-each>
			<xsl:if test="count(r:expects) &gt; $most-of-a-case"><xsl:value-of select="concat(' and ', count(r:expects) - $most-of-a-case, ' more')"/></xsl:if>
		</xsl:when>
		<xsl:when test="@from = 'answer'"><xsl:value-of select="r:actual"/></xsl:when>
		<xsl:otherwise><xsl:value-of select="substring-before(concat(r:expected, ';'), ';')"/></xsl:otherwise>
	</xsl:choose>
	<xsl:text>. </xsl:text>
</xsl:template>

<!-- The rule, linked to its findings where there are any. -->
<xsl:template name="rule-link">
	<xsl:param name="id"/>
	<xsl:choose>
		<xsl:when test="key('findings', $id) or key('unlisted', $id)"><a class="rule-id" href="#r-{$id}"><xsl:value-of select="$id"/></a></xsl:when>
		<xsl:otherwise><code><xsl:value-of select="$id"/></code></xsl:otherwise>
	</xsl:choose>
</xsl:template>

<xsl:template match="r:case" mode="sources">
	<xsl:for-each select="r:judged[position() &lt;= $most-of-a-case]">
		<xsl:if test="position() &gt; 1">, </xsl:if>
		<xsl:apply-templates select="key('message', @message)" mode="name"/>
	</xsl:for-each>
	<xsl:if test="count(r:judged) &gt; $most-of-a-case"><xsl:value-of select="concat(' and ', count(r:judged) - $most-of-a-case, ' more')"/></xsl:if>
</xsl:template>

<xsl:template match="r:case" mode="about">
	<xsl:if test="r:shows or r:judged">
		<p class="case-line">
			<xsl:if test="r:judged">
				<xsl:choose>
					<xsl:when test="@from = 'evidence'">Evidence: </xsl:when>
					<xsl:otherwise>Message: </xsl:otherwise>
				</xsl:choose>
				<xsl:apply-templates select="." mode="sources"/>
				<xsl:text>. </xsl:text>
			</xsl:if>
			<xsl:if test="r:shows">
				<xsl:text>Shows </xsl:text>
				<xsl:for-each select="r:shows">
					<xsl:if test="position() &gt; 1">, </xsl:if>
					<xsl:value-of select="."/>
				</xsl:for-each>
				<xsl:text>.</xsl:text>
			</xsl:if>
		</p>
	</xsl:if>
</xsl:template>

<xsl:template match="r:case" mode="sides">
	<xsl:variable name="messages" select="key('message', r:judged/@message)"/>
	<xsl:if test="r:expected or r:actual">
		<xsl:value-of select="$n"/>
		<dl class="sides">
			<xsl:if test="r:expected">
				<div class="side">
					<dt><xsl:choose><xsl:when test="@from = 'answer'">Question</xsl:when><xsl:otherwise>Expected</xsl:otherwise></xsl:choose></dt>
					<dd><xsl:apply-templates select="." mode="expected"/></dd>
				</div>
			</xsl:if>
			<xsl:if test="r:actual or $messages">
				<div class="side">
					<dt><xsl:choose><xsl:when test="@from = 'answer'">Answer</xsl:when><xsl:otherwise>Found</xsl:otherwise></xsl:choose></dt>
					<dd>
						<xsl:choose>
							<xsl:when test="$messages"><xsl:apply-templates select="$messages[position() &lt;= $most-of-a-case]" mode="found"/></xsl:when>
							<xsl:otherwise><p class="breakable"><xsl:value-of select="r:actual"/></p></xsl:otherwise>
						</xsl:choose>
					</dd>
				</div>
			</xsl:if>
		</dl>
	</xsl:if>
</xsl:template>

<!-- "fail: DAT-003 at //record[2]; a title; records exactly as in set.yaml" as a verdict and a list -->
<xsl:template match="r:case" mode="expected">
	<xsl:variable name="verdict" select="substring-before(concat(translate(r:expected, ':;', ',,'), ','), ',')"/>
	<xsl:variable name="rest" select="substring-after(r:expected, '; ')"/>
	<xsl:choose>
		<xsl:when test="@from = 'answer' or not($verdict = 'pass' or $verdict = 'fail' or $verdict = 'incomplete')">
			<p class="breakable"><xsl:value-of select="r:expected"/></p>
		</xsl:when>
		<xsl:otherwise>
			<p><xsl:call-template name="tag"><xsl:with-param name="status" select="$verdict"/></xsl:call-template><xsl:if test="contains(r:expected, 'with at least')"> with at least these findings</xsl:if></p>
			<ul class="case-findings">
				<xsl:for-each select="r:expects[position() &lt;= $most-of-a-case]">
					<li>
						<xsl:call-template name="rule-link"><xsl:with-param name="id" select="@rule"/></xsl:call-template>
						<xsl:value-of select="concat(' ', key('rule', @rule)/r:title)"/>
						<xsl:if test="@number &gt; 1"><xsl:value-of select="concat(', ', @number, ' times')"/></xsl:if>
						<xsl:if test="@missing">
							<xsl:text> </xsl:text>
							<xsl:call-template name="tag"><xsl:with-param name="status">not found</xsl:with-param></xsl:call-template>
						</xsl:if>
						<xsl:if test="r:path"><code class="breakable"><xsl:value-of select="r:path"/></code></xsl:if>
					</li>
				</xsl:for-each>
				<xsl:call-template name="and-more"><xsl:with-param name="count" select="count(r:expects) - $most-of-a-case"/></xsl:call-template>
				<xsl:if test="not(r:expects)"><li>No findings</li></xsl:if>
				<xsl:call-template name="clauses"><xsl:with-param name="text" select="$rest"/></xsl:call-template>
			</ul>
		</xsl:otherwise>
	</xsl:choose>
</xsl:template>

<!-- An item for each part of "a; b; c" -->
<xsl:template name="clauses">
	<xsl:param name="text"/>
	<xsl:param name="left" select="20"/>
	<xsl:if test="$text">
		<li class="breakable">
			<xsl:choose>
				<xsl:when test="$left = 1"><xsl:value-of select="$text"/></xsl:when>
				<xsl:otherwise><xsl:value-of select="substring-before(concat($text, '; '), '; ')"/></xsl:otherwise>
			</xsl:choose>
		</li>
		<xsl:if test="$left &gt; 1">
			<xsl:call-template name="clauses">
				<xsl:with-param name="text" select="substring-after($text, '; ')"/>
				<xsl:with-param name="left" select="$left - 1"/>
			</xsl:call-template>
		</xsl:if>
	</xsl:if>
</xsl:template>

<xsl:template match="r:message" mode="found">
	<xsl:value-of select="$n"/>
	<p><xsl:call-template name="tag"><xsl:with-param name="status" select="@verdict"/></xsl:call-template></p>
	<ul class="case-findings">
		<xsl:for-each select="r:finding[position() &lt;= $most-of-a-case]">
			<xsl:variable name="id"><xsl:call-template name="finding-id"/></xsl:variable>
			<xsl:value-of select="$n"/>
			<li>
				<a class="rule-id" href="#{$id}">
					<xsl:value-of select="@rule"/>
				</a>
				<xsl:if test="not($many)"><xsl:value-of select="concat(' ', key('rule', @rule)/r:title)"/></xsl:if>
				<xsl:if test="@line"><xsl:text>, </xsl:text><xsl:call-template name="place"/></xsl:if>
				<xsl:choose>
					<xsl:when test="r:waived"><xsl:text> </xsl:text><xsl:call-template name="tag"><xsl:with-param name="status"><xsl:call-template name="accepted"/></xsl:with-param></xsl:call-template></xsl:when>
					<xsl:when test="@fate"><xsl:text> </xsl:text><xsl:call-template name="tag"><xsl:with-param name="status" select="@fate"/></xsl:call-template></xsl:when>
				</xsl:choose>
				<xsl:if test="r:path and not($many)"><code class="breakable"><xsl:value-of select="r:path"/></code></xsl:if>
			</li>
		</xsl:for-each>
		<xsl:call-template name="and-more"><xsl:with-param name="count" select="(count(r:finding) &gt; $most-of-a-case) * (count(r:finding) - $most-of-a-case) + sum(r:unlisted/@number)"/></xsl:call-template>
		<xsl:if test="not(r:finding or r:unlisted)"><li>No findings</li></xsl:if>
	</ul>
</xsl:template>

<!-- What was not as expected, and is not said by the lists and the table. -->
<xsl:template match="r:case" mode="faults">
	<xsl:variable name="faults" select="r:fault[not(@about) or @about = 'verdict' or @about = 'assertion']"/>
	<xsl:if test="$faults or (r:reason and not(r:fault))">
		<xsl:value-of select="$n"/>
		<div class="because">
			<p class="because-title"><xsl:choose><xsl:when test="@outcome = 'failed'">What is wrong</xsl:when><xsl:otherwise>Because</xsl:otherwise></xsl:choose></p>
			<xsl:if test="not(r:fault)"><p class="breakable"><xsl:value-of select="r:reason"/></p></xsl:if>
			<xsl:if test="$faults">
				<ul>
					<xsl:for-each select="$faults">
						<li>
							<xsl:if test="r:plain"><strong><xsl:value-of select="r:plain"/></strong></xsl:if>
							<xsl:choose>
								<xsl:when test="r:plain and contains(r:text, concat(r:plain, ' ('))">
									<xsl:variable name="statement" select="substring-after(r:text, concat(r:plain, ' ('))"/>
									<xsl:value-of select="concat(': ', substring-after($statement, '): '))"/>
									<code class="breakable"><xsl:value-of select="substring-before($statement, '): ')"/></code>
								</xsl:when>
								<xsl:when test="@about = 'assertion'"><code class="breakable"><xsl:value-of select="substring-after(r:text, 'assertion failed: ')"/></code></xsl:when>
								<xsl:otherwise><span class="breakable"><xsl:value-of select="concat(translate(substring(r:text, 1, 1), 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'), substring(r:text, 2), '.')"/></span></xsl:otherwise>
							</xsl:choose>
						</li>
					</xsl:for-each>
				</ul>
			</xsl:if>
		</div>
	</xsl:if>
</xsl:template>

<!-- Only values that differ are in it: each is marked on the side of what was found. -->
<xsl:template match="r:case" mode="records">
	<xsl:value-of select="$n"/>
	<div class="wide" tabindex="0" role="group" aria-label="Records of {@id} that differ">
		<table class="records">
			<caption>Records that differ</caption>
			<thead><tr><th scope="col">Record</th><th scope="col">Value</th><th scope="col">Expected</th><th scope="col">Found</th></tr></thead>
			<xsl:for-each select="r:record">
				<tbody>
					<xsl:choose>
						<xsl:when test="r:value">
							<xsl:for-each select="r:value">
								<tr>
									<xsl:if test="position() = 1">
										<th scope="rowgroup" rowspan="{count(../r:value)}"><xsl:apply-templates select=".." mode="head"/></th>
									</xsl:if>
									<th scope="row"><xsl:value-of select="@name"/></th>
									<td><xsl:call-template name="cell"><xsl:with-param name="value" select="r:expected"/></xsl:call-template></td>
									<td class="differs"><span class="symbol" aria-hidden="true">&#x2260;</span><xsl:call-template name="cell"><xsl:with-param name="value" select="r:found"/></xsl:call-template></td>
								</tr>
							</xsl:for-each>
						</xsl:when>
						<xsl:otherwise>
							<tr>
								<th scope="rowgroup"><xsl:apply-templates select="." mode="head"/></th>
								<td>The whole record</td>
								<td><xsl:choose><xsl:when test="@is = 'missing'">is there</xsl:when><xsl:otherwise>is not there</xsl:otherwise></xsl:choose></td>
								<td class="differs"><span class="symbol" aria-hidden="true">&#x2260;</span><xsl:choose><xsl:when test="@is = 'missing'">is not there</xsl:when><xsl:otherwise>is there</xsl:otherwise></xsl:choose></td>
							</tr>
						</xsl:otherwise>
					</xsl:choose>
				</tbody>
			</xsl:for-each>
		</table>
	</div>
</xsl:template>

<xsl:template match="r:record" mode="head">
	<xsl:call-template name="tag"><xsl:with-param name="status" select="@is"/></xsl:call-template>
	<span class="record-name"><xsl:value-of select="(@expected | @found)[1]"/></span>
	<xsl:if test="@expected and @found"><span class="muted small"><xsl:value-of select="concat('found as ', @found)"/></span></xsl:if>
</xsl:template>

<xsl:template name="cell">
	<xsl:param name="value"/>
	<xsl:choose>
		<xsl:when test="string($value)"><code class="breakable-inline"><xsl:value-of select="$value"/></code></xsl:when>
		<xsl:otherwise>nothing</xsl:otherwise>
	</xsl:choose>
</xsl:template>

<xsl:template match="r:message">
	<xsl:value-of select="$n"/>
	<article id="m-{@n}" class="message message-{@verdict}" aria-labelledby="s-{@n}">
		<xsl:attribute name="data-outcome"><xsl:call-template name="outcome"/></xsl:attribute>
		<xsl:element name="{concat('h', 3 + $of-packs)}">
			<xsl:attribute name="id"><xsl:value-of select="concat('s-', @n)"/></xsl:attribute>
			<xsl:attribute name="class">source</xsl:attribute>
			<xsl:value-of select="@source"/>
		</xsl:element>
		<p class="message-line">
			<xsl:call-template name="tag"><xsl:with-param name="status" select="@verdict"/></xsl:call-template>
			<xsl:text> </xsl:text>
			<xsl:choose>
				<xsl:when test="@title"><xsl:value-of select="@title"/></xsl:when>
				<xsl:when test="@type"><xsl:value-of select="@type"/></xsl:when>
				<xsl:otherwise>Not recognised as a CP-IS message</xsl:otherwise>
			</xsl:choose>
		</p>
		<dl class="facts facts-small">
			<xsl:call-template name="fact"><xsl:with-param name="name">Type</xsl:with-param><xsl:with-param name="value" select="@type"/><xsl:with-param name="class">data</xsl:with-param></xsl:call-template>
			<xsl:call-template name="fact"><xsl:with-param name="name">Recognised by</xsl:with-param><xsl:with-param name="value" select="@recognised-by"/></xsl:call-template>
			<xsl:call-template name="fact">
				<xsl:with-param name="name">Wrapped in</xsl:with-param>
				<xsl:with-param name="value">
					<xsl:for-each select="r:layer">
						<xsl:if test="position() > 1">, then </xsl:if>
						<xsl:value-of select="translate(., 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')"/>
					</xsl:for-each>
				</xsl:with-param>
			</xsl:call-template>
			<xsl:call-template name="fact">
				<xsl:with-param name="name">Size</xsl:with-param>
				<xsl:with-param name="value">
					<xsl:call-template name="plural"><xsl:with-param name="count" select="@bytes"/><xsl:with-param name="noun">byte</xsl:with-param></xsl:call-template>
					<xsl:if test="@records > 0">
						<xsl:text>, </xsl:text>
						<xsl:call-template name="plural"><xsl:with-param name="count" select="@records"/><xsl:with-param name="noun">record</xsl:with-param></xsl:call-template>
					</xsl:if>
				</xsl:with-param>
			</xsl:call-template>
			<xsl:call-template name="fact"><xsl:with-param name="name">SHA-256</xsl:with-param><xsl:with-param name="value" select="@sha256"/><xsl:with-param name="class">data</xsl:with-param></xsl:call-template>
		</dl>
		<xsl:if test="r:omission">
			<xsl:for-each select="r:omission">
				<p class="omission">
					<xsl:call-template name="tag"><xsl:with-param name="status" select="'incomplete'"/></xsl:call-template>
					<xsl:value-of select="concat(' Not checked: ', r:what, ', because ', r:why, '.')"/>
				</p>
			</xsl:for-each>
		</xsl:if>
		<xsl:if test="r:finding">
			<ul class="links">
				<xsl:for-each select="r:finding">
					<xsl:value-of select="$n"/>
					<li>
						<xsl:call-template name="tag"><xsl:with-param name="status" select="@severity"/></xsl:call-template>
						<xsl:text> </xsl:text>
						<xsl:variable name="id"><xsl:call-template name="finding-id"/></xsl:variable>
						<a href="#{$id}">
							<xsl:value-of select="concat(@rule, ' ', key('rule', @rule)/r:title)"/>
						</a>
						<xsl:text>, </xsl:text>
						<xsl:call-template name="place"/>
						<xsl:if test="r:waived"> (<xsl:call-template name="accepted"/>)</xsl:if>
					</li>
				</xsl:for-each>
			</ul>
			<xsl:call-template name="more">
				<xsl:with-param name="count" select="sum(r:unlisted/@number)"/>
				<xsl:with-param name="noun">finding</xsl:with-param>
			</xsl:call-template>
		</xsl:if>
		<xsl:if test="@suppressed > 0">
			<p class="muted">
				<xsl:call-template name="plural"><xsl:with-param name="count" select="@suppressed"/><xsl:with-param name="noun">more finding</xsl:with-param></xsl:call-template>
				<xsl:text> not listed: caused by those above, or over the limit (--max-findings).</xsl:text>
			</p>
		</xsl:if>
	</article>
</xsl:template>

</xsl:stylesheet>
