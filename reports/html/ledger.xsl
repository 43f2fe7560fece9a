<?xml version="1.0" encoding="UTF-8"?>
<!-- ledger.xsl - the last four sections: rules, changes, what was not checked, words and symbols. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:r="urn:cpis:results:1" exclude-result-prefixes="r">

<xsl:template name="rules">
	<xsl:value-of select="$n"/>
	<xsl:variable name="not-run" select="sum($summary/r:count[@of = 'rules'][@is = 'not run']/@number)"/>
	<section id="rules" aria-labelledby="rules-title">
		<xsl:call-template name="heading"><xsl:with-param name="id">rules</xsl:with-param></xsl:call-template>
		<p>
			<xsl:text>A pass means something only if the rules had something to check. Of </xsl:text>
			<xsl:call-template name="plural"><xsl:with-param name="count" select="count(r:rule)"/><xsl:with-param name="noun">rule</xsl:with-param></xsl:call-template>
			<xsl:value-of select="concat(', ', $summary/r:count[@of = 'rules'][@is = 'judged']/@number, ' were checked and ', $summary/r:count[@of = 'rules'][@is = 'failed']/@number, ' of those failed; ', $summary/r:count[@of = 'rules'][@is = 'idle']/@number, ' had nothing to check')"/>
			<xsl:if test="$summary/r:count[@of = 'rules'][@is = 'blocked']/@number > 0">
				<xsl:value-of select="concat('; ', $summary/r:count[@of = 'rules'][@is = 'blocked']/@number, ' could not be checked, because the parts they apply to were broken')"/>
			</xsl:if>
			<xsl:if test="$not-run > 0">
				<xsl:value-of select="concat('; ', $not-run, ' were not run, because their stage was left out or no message could be read')"/>
			</xsl:if>
			<xsl:if test="$summary/r:count[@of = 'rules'][@is = 'off']/@number > 0">
				<xsl:value-of select="concat('; ', $summary/r:count[@of = 'rules'][@is = 'off']/@number, ' turned off by the profile')"/>
			</xsl:if>
			<xsl:text>.</xsl:text>
		</p>
		<xsl:variable name="idle" select="r:rule[@judged = 0 and @blocked = 0 and not(r:override) and not(key('findings', @id))]"/>
		<xsl:if test="count($idle) &lt; count(r:rule)">
			<table class="stack">
				<caption>Rules that had something to check, or were changed</caption>
				<xsl:call-template name="rules-head"/>
				<tbody><xsl:apply-templates select="r:rule[@judged &gt; 0 or @blocked &gt; 0 or r:override or key('findings', @id)]" mode="row"/></tbody>
			</table>
		</xsl:if>
		<xsl:if test="$idle">
			<details class="idle">
				<summary>
					<xsl:call-template name="plural"><xsl:with-param name="count" select="count($idle)"/><xsl:with-param name="noun">rule</xsl:with-param></xsl:call-template>
					<xsl:text> that had nothing to check</xsl:text>
					<xsl:if test="$not-run > 0"> or were not run</xsl:if>
				</summary>
				<ul class="lines">
					<xsl:for-each select="$idle">
						<xsl:value-of select="$n"/>
						<li class="idle-rule"><code><xsl:value-of select="@id"/></code><xsl:value-of select="concat(' ', r:title)"/></li>
					</xsl:for-each>
				</ul>
			</details>
		</xsl:if>
	</section>
</xsl:template>

<xsl:template name="rules-head">
	<thead>
		<tr>
			<th scope="col">Rule</th>
			<th scope="col" class="number">Checked</th>
			<th scope="col" class="number">Failed</th>
			<th scope="col">Not checked because</th>
		</tr>
	</thead>
</xsl:template>

<xsl:template match="r:rule" mode="row">
	<xsl:value-of select="$n"/>
	<tr>
		<th scope="row" data-label="Rule">
			<xsl:choose>
				<xsl:when test="key('findings', @id)"><a class="rule-id" href="#r-{@id}"><xsl:value-of select="@id"/></a></xsl:when>
				<xsl:otherwise><code><xsl:value-of select="@id"/></code></xsl:otherwise>
			</xsl:choose>
			<span class="requirement-text"><xsl:value-of select="r:title"/></span>
		</th>
		<td class="number" data-label="Checked"><xsl:value-of select="format-number(@judged, '#,##0')"/></td>
		<td class="number" data-label="Failed"><xsl:value-of select="format-number(@failed, '#,##0')"/></td>
		<td data-label="Not checked because">
			<xsl:choose>
				<xsl:when test="r:override/@to = 'off'">
					<xsl:value-of select="concat('Turned off by the profile: ', r:override)"/>
				</xsl:when>
				<xsl:when test="@blocked > 0">
					<xsl:text>The part it applies to was broken </xsl:text>
					<xsl:choose>
						<xsl:when test="@blocked = 1">once</xsl:when>
						<xsl:otherwise><xsl:value-of select="concat(format-number(@blocked, '#,##0'), ' times')"/></xsl:otherwise>
					</xsl:choose>
					<xsl:if test="@blocked-by">
						<xsl:text>, first by </xsl:text>
						<xsl:choose>
							<xsl:when test="key('findings', @blocked-by)"><a href="#r-{@blocked-by}"><xsl:value-of select="@blocked-by"/></a></xsl:when>
							<xsl:otherwise><xsl:value-of select="@blocked-by"/></xsl:otherwise>
						</xsl:choose>
					</xsl:if>
				</xsl:when>
				<xsl:when test="@judged = 0">Nothing to check</xsl:when>
				<xsl:otherwise><span class="muted">Checked wherever it applies</span></xsl:otherwise>
			</xsl:choose>
		</td>
	</tr>
</xsl:template>

<!-- Most lines of a list. -->
<xsl:variable name="most-listed" select="500"/>

<xsl:template name="changes">
	<xsl:variable name="options" select="r:run/r:options"/>
	<xsl:variable name="waived" select="r:message/r:finding[r:waived]"/>
	<!-- The options that no sentence of this report is about. -->
	<xsl:variable name="others" select="$options/@*[not(contains(' fail-on environment values schemas profile as-type phase ', concat(' ', name(), ' ')))]"/>
	<xsl:variable name="overridden" select="r:rule[r:override]"/>
	<xsl:value-of select="$n"/>
	<section id="changes" aria-labelledby="changes-title">
		<xsl:call-template name="heading"><xsl:with-param name="id">changes</xsl:with-param></xsl:call-template>
		<p>
			<xsl:choose>
				<xsl:when test="$options/@fail-on = 'never'">By request, findings do not fail a message.</xsl:when>
				<xsl:when test="$options/@fail-on = 'warning'">By request, warnings fail a message, as errors do.</xsl:when>
				<xsl:otherwise>Errors fail a message; warnings and notes do not.</xsl:otherwise>
			</xsl:choose>
			<xsl:if test="$options/@schemas"><xsl:value-of select="concat(' Structure was checked against your own schemas in ', $options/@schemas, ', not against the built-in ones.')"/></xsl:if>
			<xsl:if test="$options/@as-type"><xsl:value-of select="concat(' By request, everything was checked as ', $options/@as-type, '.')"/></xsl:if>
			<xsl:if test="$options/r:schematron">
				<xsl:text> Your own rules were checked too, from </xsl:text>
				<xsl:for-each select="$options/r:schematron"><xsl:if test="position() &gt; 1">, </xsl:if><xsl:value-of select="."/></xsl:for-each>
				<xsl:if test="$options/@phase"><xsl:value-of select="concat(' (phase ', $options/@phase, ')')"/></xsl:if>
				<xsl:text>.</xsl:text>
			</xsl:if>
			<xsl:for-each select="$others"><xsl:value-of select="concat(' The option ', name(), ' was set to ', ., '.')"/></xsl:for-each>
		</p>
		<xsl:if test="not($waived) and not(r:case[@outcome = 'waived']) and not($overridden)">
			<p>Nothing was waived and no rules were changed.</p>
		</xsl:if>
		<xsl:if test="$waived or r:case[@outcome = 'waived']">
			<h3><xsl:choose><xsl:when test="$waived/@by-baseline">Accepted</xsl:when><xsl:otherwise>Waived</xsl:otherwise></xsl:choose></h3>
			<ul class="spaced">
				<xsl:for-each select="r:case[@outcome = 'waived']">
					<li>
						<xsl:apply-templates select="." mode="name"><xsl:with-param name="name" select="concat(@id, ' ', @title)"/></xsl:apply-templates>
						<xsl:if test="r:reason"><xsl:value-of select="concat(': ', r:reason)"/></xsl:if>
					</li>
				</xsl:for-each>
				<xsl:for-each select="$waived[position() &lt;= $most-listed]">
					<xsl:variable name="id"><xsl:call-template name="finding-id"/></xsl:variable>
					<li>
						<a href="#{$id}">
							<xsl:value-of select="concat(@rule, ' ', key('rule', @rule)/r:title, ', in ', ../@source)"/>
						</a>
						<xsl:text>, </xsl:text>
						<xsl:call-template name="place"/>
						<xsl:value-of select="concat(': ', r:waived)"/>
					</li>
				</xsl:for-each>
			</ul>
			<xsl:call-template name="more">
				<xsl:with-param name="count" select="$summary/@waived-findings - (count($waived) &gt; $most-listed) * $most-listed - (count($waived) &lt;= $most-listed) * count($waived)"/>
				<xsl:with-param name="noun">waived finding</xsl:with-param>
			</xsl:call-template>
		</xsl:if>
		<xsl:if test="$overridden">
			<h3>Rules changed by the profile<xsl:if test="$options/@profile"><xsl:value-of select="concat(' ', $options/@profile)"/></xsl:if></h3>
			<ul class="spaced">
				<xsl:for-each select="$overridden">
					<xsl:value-of select="$n"/>
					<li>
						<xsl:choose>
							<xsl:when test="key('findings', @id)"><a href="#r-{@id}"><xsl:value-of select="concat(@id, ' ', r:title)"/></a></xsl:when>
							<xsl:otherwise><xsl:value-of select="concat(@id, ' ', r:title)"/></xsl:otherwise>
						</xsl:choose>
						<xsl:text>: from </xsl:text>
						<xsl:call-template name="word"><xsl:with-param name="status" select="@severity"/></xsl:call-template>
						<xsl:text> to </xsl:text>
						<xsl:call-template name="word"><xsl:with-param name="status" select="r:override/@to"/></xsl:call-template>
						<xsl:if test="string(r:override)"><xsl:value-of select="concat('. ', r:override)"/></xsl:if>
						<xsl:if test="r:override/@source"><span class="muted small"><xsl:value-of select="concat(' (', r:override/@source, ')')"/></span></xsl:if>
					</li>
				</xsl:for-each>
			</ul>
			<xsl:if test="$summary/@turned-off-findings > 0">
				<p>
					<xsl:call-template name="plural"><xsl:with-param name="count" select="$summary/@turned-off-findings"/><xsl:with-param name="noun">finding</xsl:with-param></xsl:call-template>
					<xsl:text> of rules that are turned off: not listed and not counted above.</xsl:text>
				</p>
			</xsl:if>
		</xsl:if>
	</section>
</xsl:template>

<xsl:template name="unchecked">
	<xsl:value-of select="$n"/>
	<section id="unchecked" aria-labelledby="unchecked-title">
		<xsl:call-template name="heading"><xsl:with-param name="id">unchecked</xsl:with-param></xsl:call-template>
		<p><xsl:value-of select="$summary/r:completeness"/></p>
		<xsl:variable name="open" select="r:case[@outcome = 'not run' or @outcome = 'manual' or @outcome = 'left out']"/>
		<xsl:variable name="unread" select="r:message[@unread]"/>
		<xsl:if test="r:message/r:omission or $unread or r:left-out or $open">
			<ul class="spaced">
				<xsl:for-each select="r:message/r:omission[position() &lt;= $most-listed]">
					<xsl:value-of select="$n"/>
					<li>
						<xsl:apply-templates select=".." mode="name"/>
						<xsl:value-of select="concat(': ', r:what, ', because ', r:why, '.')"/>
					</li>
				</xsl:for-each>
				<xsl:for-each select="$unread[position() &lt;= $most-listed]">
					<xsl:value-of select="$n"/>
					<li>
						<xsl:apply-templates select="." mode="name"/>
						<xsl:text>: the </xsl:text>
						<xsl:if test="@type">rest of the </xsl:if>
						<xsl:value-of select="concat('message, because ', @unread, '.')"/>
					</li>
				</xsl:for-each>
				<xsl:for-each select="r:left-out[position() &lt;= $most-listed]">
					<xsl:value-of select="$n"/>
					<li><xsl:value-of select="concat(r:what, ': skipped, because ', r:why, '.')"/></li>
				</xsl:for-each>
				<xsl:for-each select="$open[position() &lt;= $most-listed]">
					<xsl:value-of select="$n"/>
					<li>
						<xsl:apply-templates select="." mode="name"><xsl:with-param name="name" select="concat(@id, ' ', @title)"/></xsl:apply-templates>
						<xsl:value-of select="concat(' (', @outcome, ')')"/>
						<xsl:if test="r:reason"><xsl:value-of select="concat(': ', r:reason)"/></xsl:if>
					</li>
				</xsl:for-each>
			</ul>
			<xsl:variable name="omitted" select="count(r:message/r:omission)"/>
			<xsl:call-template name="more">
				<xsl:with-param name="count" select="$summary/@omissions - ($omitted &gt; $most-listed) * $most-listed - ($omitted &lt;= $most-listed) * $omitted"/>
				<xsl:with-param name="noun">part</xsl:with-param>
			</xsl:call-template>
			<xsl:call-template name="more">
				<xsl:with-param name="count" select="sum($summary/@unread) - count($unread[position() &lt;= $most-listed])"/>
				<xsl:with-param name="noun">message</xsl:with-param>
			</xsl:call-template>
			<xsl:call-template name="more">
				<xsl:with-param name="count" select="count($open) - $most-listed"/>
				<xsl:with-param name="noun">case</xsl:with-param>
			</xsl:call-template>
		</xsl:if>
		<p>This report is about messages. It does not cover how a system behaves between them: who may see what, how fast it is, or what it does when a network fails.</p>
		<h3>Run it again</h3>
		<xsl:choose>
			<xsl:when test="r:run/r:command/r:line">
				<p>The same command with the same files gives this report again, byte for byte. To check that the files are the same, compare their SHA-256 with those above.</p>
				<pre class="command"><code>
					<xsl:value-of select="r:run/r:command/r:line"/>
					<xsl:if test="@date and not(r:run/r:command/r:word[. = '--now' or starts-with(., '--now=')])">
						<xsl:value-of select="concat(' --now ', @date)"/>
					</xsl:if>
				</code></pre>
			</xsl:when>
			<xsl:otherwise><p>The command line of this run was not recorded.</p></xsl:otherwise>
		</xsl:choose>
		<h3>Check the signature</h3>
		<p>This file is not signed. If it came in an evidence bundle, <code>cpis verify BUNDLE</code> checks the signature and checksums of the bundle, and repeats the run.</p>
	</section>
</xsl:template>

<xsl:template name="words">
	<xsl:value-of select="$n"/>
	<section id="words" aria-labelledby="words-title">
		<xsl:call-template name="heading"><xsl:with-param name="id">words</xsl:with-param></xsl:call-template>
		<dl class="key">
			<xsl:call-template name="key"><xsl:with-param name="status">pass</xsl:with-param><xsl:with-param name="means">Everything that applies was checked, and nothing failed.</xsl:with-param></xsl:call-template>
			<xsl:call-template name="key"><xsl:with-param name="status">fail</xsl:with-param><xsl:with-param name="means">A rule failed, or a case did not have the expected outcome.</xsl:with-param></xsl:call-template>
			<xsl:call-template name="key"><xsl:with-param name="status">incomplete</xsl:with-param><xsl:with-param name="means">Something could not be checked. It never counts as a pass.</xsl:with-param></xsl:call-template>
			<xsl:call-template name="key"><xsl:with-param name="status">error</xsl:with-param><xsl:with-param name="means">The message breaks the specification, or would be refused.</xsl:with-param></xsl:call-template>
			<xsl:call-template name="key"><xsl:with-param name="status">warning</xsl:with-param><xsl:with-param name="means">The message is allowed, but may cause harm or be misread.</xsl:with-param></xsl:call-template>
			<xsl:call-template name="key"><xsl:with-param name="status">info</xsl:with-param><xsl:with-param name="means">Worth knowing; nothing has to change.</xsl:with-param></xsl:call-template>
			<xsl:call-template name="key"><xsl:with-param name="status">waived</xsl:with-param><xsl:with-param name="means">Accepted for a time, with a reason and a name.</xsl:with-param></xsl:call-template>
			<xsl:if test="r:message/r:finding/@by-baseline">
				<xsl:call-template name="key"><xsl:with-param name="status">accepted</xsl:with-param><xsl:with-param name="means">A baseline lists it as known.</xsl:with-param></xsl:call-template>
			</xsl:if>
			<xsl:if test="$of-packs">
				<xsl:call-template name="key"><xsl:with-param name="status">expected</xsl:with-param><xsl:with-param name="means">A finding that the case is meant to cause.</xsl:with-param></xsl:call-template>
				<xsl:call-template name="key"><xsl:with-param name="status">not run</xsl:with-param><xsl:with-param name="means">The evidence for the case is missing.</xsl:with-param></xsl:call-template>
				<xsl:call-template name="key"><xsl:with-param name="status">manual</xsl:with-param><xsl:with-param name="means">A question that a person has not answered yet.</xsl:with-param></xsl:call-template>
				<xsl:call-template name="key"><xsl:with-param name="status">broken</xsl:with-param><xsl:with-param name="means">The case itself is wrong and must be fixed.</xsl:with-param></xsl:call-template>
				<xsl:call-template name="key"><xsl:with-param name="status">left out</xsl:with-param><xsl:with-param name="means">Not selected for this run.</xsl:with-param></xsl:call-template>
			</xsl:if>
		</dl>
		<h3>How places are written</h3>
		<p>Lines and columns count from 1, in the file as it was sent; a column is a character, and a tab is one. A path names elements from the root; a number in brackets is used only if several have the same name. Invisible characters are written by their number, as in <code>\u202E</code>.</p>
		<h3>Accessibility</h3>
		<p>This report is written to meet WCAG 2.2 AA. All of it can be read without JavaScript. It reflows on a narrow screen, follows the light or dark setting of your device, and never uses colour alone to give information.</p>
		<h3>Licences</h3>
		<p>This report contains no fonts, pictures or scripts from others. CP-IS and its specifications belong to their publishers; this report is not an approval by them.</p>
	</section>
</xsl:template>

<xsl:template name="key">
	<xsl:param name="status"/>
	<xsl:param name="means"/>
	<xsl:value-of select="$n"/>
	<dt><xsl:call-template name="tag"><xsl:with-param name="status" select="$status"/></xsl:call-template></dt>
	<dd><xsl:value-of select="$means"/></dd>
</xsl:template>

</xsl:stylesheet>
